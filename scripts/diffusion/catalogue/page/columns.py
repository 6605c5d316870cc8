"""The columns of a table in words, and how their values are spread as bars."""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from diffusion.catalogue.page.site import Site
from diffusion.catalogue.page.words import share

# of Arrow, by how they begin: the names that the configuration has
TYPES = {"date": "date", "timestamp": "timestamp", "time": "time", "double": "float"}
TYPES |= {"int": "int", "large_string": "string", "struct<": "struct", "dictionary<": "category"}
LIST = re.compile(r"(?:large_)?list<[^:]+: (.*?)(?: not null)?>")
DECIMAL = re.compile(r"decimal\d+\((\d+), (\d+)\)")
SHAPES = "geometry"  # the column of geometries of a layer, which are bytes
NOT_COUNTED = ("binary", "large_binary", "struct", "list", "large_list", "map")  # missing values
TOLD = ("description", "unit", "type", "missing", "distinct", "top", "min", "max")  # of a column
WIDE, STEP, HIGH = 5, 6, 32  # pixels: of a bar, from one to the next, and of the highest
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DIGITS = 4  # of the ends of the bars, beside which the lowest and highest value stand whole


@dataclass(frozen=True)
class Bars:
    """How the values of a column are spread.

    Attributes:
        bars: place from the left, from above, and height of each that is there, in pixels.
        words: the same as text.
        ends: the first and the last, where the bars do not go from the lowest to the highest value.
    """

    bars: list[tuple[int, int, int]]
    width: int
    words: str
    ends: str
    height: int = HIGH
    bar: int = WIDE


def columns_in_words(site: Site, entry: Mapping) -> Iterator[dict[str, Any]]:
    """Yield each column of an entry in words; ``bars`` is None where nothing is known of them."""
    described, values = entry.get("about", {}).get("described", {}), entry.get("values", {})
    missing, rows = entry.get("missing", {}), entry.get("rows", 0)
    for column in entry.get("columns", []):
        name = column["name"]
        known, words = values.get(name, {}), described.get(name, {})
        about = f"{site.words['approximate']} " if known.get("approximate") else ""
        has_count = bool(rows) and not column["type"].startswith(NOT_COUNTED)
        yield {
            "name": name,
            "description": words.get("description", ""),
            "unit": words.get("measured_in", ""),
            "type": name if name == SHAPES and entry.get("geo") else _type_words(column["type"]),
            "missing": share(missing.get(name, 0), rows, site.language) if has_count else "",
            "distinct": about + site.number(known["distinct"]) if "distinct" in known else "",
            "top": _top(site, known, rows, column["type"]),
            "min": site.value(known.get("min", ""), column["type"]),
            "max": site.value(known.get("max", ""), column["type"]),
            "bars": _bars(site, known),
        }


def heads(site: Site, rows: list[dict[str, Any]], drawn: bool) -> list[tuple[str, str]]:
    """Return what is told of any column, with its words.

    Args:
        drawn: bars stand where the most frequent values do.
    """
    has_bars = drawn and any(row["bars"] for row in rows)
    words = dict(site.words) | ({"top": site.words["spread"]} if has_bars else {})
    told = {key for row in rows for key in TOLD if row[key]} | ({"top"} if has_bars else set())
    return [(key, words[key]) for key in TOLD if key in told]


def _top(site: Site, known: Mapping, rows: int, kind: str) -> str:
    """Return the most frequent values of a column, with their shares of all rows."""
    found = known.get("top", ())
    shares = ((value, share(count, rows, site.language)) for value, count in found)
    told = [f"{site.value(value, kind)} ({part})" for value, part in shares]
    return " · ".join([*told, "…"] if 0 < len(found) < known["distinct"] else told)


def _bars(site: Site, known: Mapping) -> Bars | None:
    spread = known.get("spread")
    if not spread or not _are_known(spread):
        return None
    counts, outside = spread["counts"], spread.get("outside", 0)
    most, every = max(counts), sum(counts) + outside
    bars = []
    for place, count in enumerate(counts):
        if count:
            high = max(1, round(HIGH * count / most))  # what is there is seen
            bars.append((place * STEP, HIGH - high, high))
    ends = f"{_short(site, spread['from'])} – {_short(site, spread['to'])}"
    if outside:
        beyond = share(outside, every, site.language)
        ends += f", {site.words['spread_outside']}{site.colon} {beyond}"
    place = counts.index(most)
    highest = [_short(site, _at(spread, n / len(counts))) for n in (place, place + 1)]
    words = [
        f"{site.words['spread']}{site.colon} {ends}",
        f"{site.words['spread_most']}{site.colon} {' – '.join(highest)} "
        f"({share(most, every, site.language)})",
    ]
    if spread.get("sampled"):
        words.append(site.words["spread_sample"].format(count=site.number(every)))
    is_part = outside or "min" not in known or _is_within(known, spread)
    return Bars(bars, len(counts) * STEP - 1, "; ".join(words), ends if is_part else "")


def _are_known(spread: Mapping) -> bool:
    """Say whether both ends are numbers, or days: one that is a secret is told by a name."""
    ends = spread["from"], spread["to"]
    if all(isinstance(end, int | float) for end in ends):
        return True
    return all(isinstance(end, str) and DAY.match(end) for end in ends)


def _at(spread: Mapping, part: float) -> float | str:
    """Return what lies at a part, 0 to 1, of the way from the first to the last bar."""
    first, last = spread["from"], spread["to"]
    if not isinstance(first, str):
        found = first + (last - first) * part
        return found if isinstance(first, float) else round(found)
    days = [datetime.date.fromisoformat(end[:10]).toordinal() for end in (first, last)]
    return datetime.date.fromordinal(round(days[0] + (days[1] - days[0]) * part)).isoformat()


def _is_within(known: Mapping, spread: Mapping) -> bool:
    """Say whether some values lie beyond the bars, which the sample did not hit."""
    if isinstance(spread["from"], str):
        low, first, last, high = (str(v)[:10] for v in _four(known, spread))
        return low < first or last < high
    numbers = [float(value) for value in _four(known, spread)]  # decimals are text
    return numbers[0] < numbers[1] or numbers[2] < numbers[3]


def _four(known: Mapping, spread: Mapping) -> list[Any]:
    first, last = spread["from"], spread["to"]
    return [known.get("min", first), first, last, known.get("max", last)]


def _short(site: Site, end: float | str) -> str:
    if isinstance(end, str):
        return end[:10]
    if isinstance(end, float):
        end = float(f"{end:.{DIGITS}g}")
        end = int(end) if end.is_integer() else end
    return site.written(str(end))


def _type_words(arrow: str) -> str:
    """Return the name of a type that people know: `date`, not `date32[day]`.

    The fields of a struct would push all other columns off a narrow screen.
    """
    if items := LIST.fullmatch(arrow):
        return f"list[{_type_words(items[1])}]"
    if digits := DECIMAL.fullmatch(arrow):
        return f"decimal({digits[1]},{digits[2]})"
    return next((name for start, name in TYPES.items() if arrow.startswith(start)), arrow)
