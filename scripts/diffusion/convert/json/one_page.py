"""A file that may be one page of several: what stands around its records says so.

At fetching the same is looked for, in answers of servers; there, nobody may have said yet where the
records are.
"""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from diffusion.base.json_path import in_yaml, parse_path
from diffusion.config.partitions import fill
from diffusion.errors import JsonError
from diffusion.files.announced import Around, begins_somewhere
from diffusion.files.envelope import around_records, leaves
from diffusion.files.xml_outline import around_elements
from diffusion.raw.inputs import RawInput

FEATURES = "features"  # where those of GeoJSON stand


def one_page_words(path: Path, records: str, came: int, item: RawInput) -> list[str]:
    """Return what a file says of records that it does not hold, in words, to be noted.

    Args:
        records: where they stand in it.
        came: how many they are.

    Raises:
        DiffusionError: it is the answer of a server, which `from: api` would ask for the others.
    """
    url = str(item.request.get("url", ""))
    templates = {**item.request.get("params", {}), **dict(parse_qsl(urlsplit(url).query, True))}
    if begins_somewhere(templates, fill(templates, item.axes)):
        return []
    around = Around(dict(leaves(around_records(path, records))), came)
    if not around.signs:
        return []
    found = _words(around)
    if url.startswith(("http://", "https://")) and path in item.paths:
        fix = f"it is one page of an API: `from: api` with `pages: {{records: {in_yaml(records)}, "
        fix += f"{around.style}}}`, or with `style: none` if these are all; and set a new `vintage`"
        raise JsonError(item.names[item.paths.index(path)], found, fix)
    return [found]


def part_words(path: Path, form: str, records: str, came: int) -> list[str]:
    """Return what a file of features or of XML says of those that it does not hold, to be noted.

    Args:
        form: its format.
        records: where they stand in XML.
        came: how many they are.
    """
    if form == "geojson":
        around = Around(dict(leaves(around_records(path, FEATURES))), came).of_geojson()
    elif form == "gml":
        around = Around(around_elements(path, ()), came).of_geojson()
    else:
        steps = [str(step) for step in parse_path(records)]
        around = Around(around_elements(path, steps), came)
    return [_words(around)] if around.signs else []


def _words(around: Around) -> str:
    signs = "; ".join(around.signs)
    return f"says that there are more than its {around.came:,} records: {signs}"
