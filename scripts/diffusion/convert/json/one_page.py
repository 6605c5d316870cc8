"""A JSON file of which `records:` was stated only once its raw copy was frozen: is it one page?

At fetching the same is looked for; there, nobody had said yet where the records are.
"""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from diffusion.base.json_path import in_yaml
from diffusion.config.partitions import fill
from diffusion.errors import DiffusionError
from diffusion.files.announced import Around, begins_somewhere
from diffusion.files.envelope import around_records, leaves
from diffusion.raw.inputs import RawInput


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
    found = f"says that there are more than its {came:,} records: {'; '.join(around.signs)}"
    if url.startswith(("http://", "https://")) and path in item.paths:
        fix = f"it is one page of an API: `from: api` with `pages: {{records: {in_yaml(records)}, "
        fix += (
            f"{around.style}, …}}`, or with `style: none` if these are all; and set a new `vintage`"
        )
        raise DiffusionError(item.names[item.paths.index(path)], found, fix)
    return [found]
