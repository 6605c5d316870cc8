"""Data of SDMX-JSON as lines of objects: a row for each observation.

Source of the format: SDMX-JSON 1.0 and 2.0 data messages, of the SDMX Technical Working Group. The
structure is read first, wherever it stands; observations, or series, come one after the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diffusion.base.json_path import Each, Step, place_of
from diffusion.convert.json.lines import Lines, Records
from diffusion.files.json_walk import Event, Keys, PathError, Walk, built, shown, skip

OBSERVED = "OBS_VALUE"  # as SDMX-CSV calls it
LABEL = "_label"
FIX = "ask for SDMX-JSON 1.0 or 2.0 (`Accept: application/vnd.sdmx.data+json`); see `records:`"
SETS = "dataSets"


@dataclass
class Structure:
    """Dimensions and attributes, by where their places stand in a message.

    Attributes:
        labels: whether each dimension has a column of labels, too.
    """

    dimensions: Mapping[str, list[dict]]
    attributes: Mapping[str, list[dict]]
    labels: bool
    columns: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        levels = ("dataSet", "series", "observation")
        for component in [c for level in levels for c in self.dimensions.get(level) or []]:
            self.columns += [component["id"]]
            self.columns += [component["id"] + LABEL] if self.labels else []
        self.columns += [OBSERVED]
        attributes = [c for level in levels[1:] for c in self.attributes.get(level) or []]
        self.columns += [component["id"] for component in attributes]
        lower = [name.lower() for name in self.columns]
        if twice := sorted({name for name in lower if lower.count(name) > 1}):
            raise PathError(f"two columns would be named {', '.join(twice)}", FIX)

    def codes(self, level: str, key: str) -> dict[str, Any]:
        """Return the codes that a key such as ``0:3:1`` stands for."""
        components = self.dimensions.get(level) or []
        places = key.split(":") if key else []
        if len(places) != len(components):
            raise PathError(f"`{key}` is no place in {len(components)} dimensions", FIX)
        found: dict[str, Any] = {}
        for component, place in zip(components, places, strict=True):
            value = _at(component, place)
            found[component["id"]] = _code(value)
            if self.labels:
                found[component["id"] + LABEL] = _label(value)
        return found

    def notes(self, level: str, places: list[Any]) -> dict[str, Any]:
        """Return the attributes of a series or an observation: by their place, or as they are."""
        components = self.attributes.get(level) or []
        if len(places) > len(components):
            raise PathError(f"{len(places)} attributes came, {len(components)} are described", FIX)
        found: dict[str, Any] = {}
        for component, place in zip(components, places, strict=False):
            is_coded = bool(component.get("values")) and isinstance(place, int)
            found[component["id"]] = _code(_at(component, str(place))) if is_coded else place
        return found


def sdmx_to_lines(path: Path, records: str, target: Path, *, labels: bool) -> Records:
    """Write the observations of a message as lines.

    Args:
        records: the path of what holds ``dataSets``; empty for the top, or ``data`` in it.
        labels: whether each dimension has a column of labels, too.

    Raises:
        PathError: it is no message of SDMX-JSON, or its parts contradict each other.
    """
    place, head, kinds = _head(path, records)
    structure = _structure(head, labels)
    empty: dict[str, Any] = dict.fromkeys(structure.columns)
    above = structure.dimensions.get("dataSet") or []
    constant = structure.codes("dataSet", ":".join("0" * len(above)))
    rows = _series if kinds == {"series"} else _observations
    with path.open("rb") as file, Lines(target) as lines:
        for row in rows(file, place, structure):
            lines.write(empty | constant | row)
    _verify(path, (*place, SETS, 0), kinds, lines.count)
    left = [component["id"] for component in structure.attributes.get("dataSet") or []]
    told = f"attributes of the whole data set are no columns: {', '.join(left)}"
    return lines.records(*([told] if left else []))


def _verify(path: Path, at: tuple[Step, ...], kinds: set[str], written: int) -> None:
    """Refuse another number of rows than of observations, counted by themselves."""
    inner = ("series", Each("s"), "observations") if kinds == {"series"} else ("observations",)
    with path.open("rb") as file:
        came = sum(1 for _ in Walk(file, (*at, *inner, Each()), skip))
    if came != written:
        raise PathError(f"it has {came:,} observations, {written:,} rows were made of them")


def _head(path: Path, records: str) -> tuple[tuple[Step, ...], dict[str, Any], set[str]]:
    """Return where the data sets are, what stands beside them, and how their data are kept."""
    places: list[tuple[Step, ...]] = [place_of(records)]
    places += [] if records else [("data",)]
    for place in places:
        found: dict[str, Any] = {}

        def take(
            events: Iterator[Event],
            event: str,
            value: Any,
            keys: Keys,
            found: dict[str, Any] = found,
        ) -> None:
            name = keys[-1][1] if keys else ""
            is_data = name in (SETS, "data")
            found[name] = None if is_data else built(events, event, value)
            if is_data:
                skip(events, event)

        with path.open("rb") as file:
            for _ in Walk(file, (*place, Each()), take):
                pass
        if SETS in found:
            return place, found, _kinds(path, place)
    raise PathError(f"is no message of SDMX-JSON: it has no `{SETS}`", FIX)


def _kinds(path: Path, place: tuple[Step, ...]) -> set[str]:
    """Return whether the one data set has series or observations."""
    with path.open("rb") as file:
        sets = sum(1 for _ in Walk(file, (*place, SETS, Each()), skip))
    if sets != 1:
        raise PathError(f"it has {sets} data sets", "ask for one query at a time")
    with path.open("rb") as file:
        names = {keys[-1][1] for keys, _ in Walk(file, (*place, SETS, 0, Each()), skip)}
    kinds = names & {"series", "observations"}
    if len(kinds) != 1:
        raise PathError("its data set has not one of `series` and `observations`", FIX)
    return kinds


def _structure(head: Mapping[str, Any], labels: bool) -> Structure:
    given = head.get("structure") or next(iter(head.get("structures") or []), None)
    if not isinstance(given, dict) or not isinstance(given.get("dimensions"), dict):
        raise PathError("it has no structure with dimensions", FIX)
    return Structure(given["dimensions"], given.get("attributes") or {}, labels)


def _observations(file: Any, place: tuple[Step, ...], structure: Structure) -> Iterator[dict]:
    for keys, values in Walk(file, (*place, SETS, 0, "observations", Each())):
        yield structure.codes("observation", keys[-1][1]) | _values(structure, values)


def _series(file: Any, place: tuple[Step, ...], structure: Structure) -> Iterator[dict]:
    for keys, series in Walk(file, (*place, SETS, 0, "series", Each())):
        codes = structure.codes("series", keys[-1][1])
        codes |= structure.notes("series", series.get("attributes") or [])
        for key, values in (series.get("observations") or {}).items():
            yield codes | structure.codes("observation", key) | _values(structure, values)


def _values(structure: Structure, values: Any) -> dict[str, Any]:
    if not isinstance(values, list) or not values:
        raise PathError(
            f"an observation is no list that begins with its value: {shown(values)}", FIX
        )
    return {OBSERVED: values[0]} | structure.notes("observation", values[1:])


def _at(component: Mapping[str, Any], place: str) -> Any:
    values = component.get("values") or []
    if not place.isdecimal() or int(place) >= len(values):
        found = f"`{place}` is no place among the {len(values)} values of `{component['id']}`"
        raise PathError(found, FIX)
    return values[int(place)]


def _code(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return value["id"] if "id" in value else value.get("value", _label(value))


def _label(value: Any) -> Any:
    return value.get("name") if isinstance(value, dict) else None
