"""Headers by which a server says that a file is one page of several."""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import requests

from diffusion.base.json_path import HEADER
from diffusion.errors import IncompleteError
from diffusion.fetch.links import link_to
from diffusion.fetch.ranges import part_in, part_of
from diffusion.files.announced import FLAG, NEXT, OF_ALL, OF_PAGES, Around, name_of
from diffusion.files.envelope import count_records

NAMES = (OF_ALL, OF_PAGES, FLAG, NEXT, re.compile("X_SPARQL_MaxRows", re.IGNORECASE))
UNKNOWN = sys.maxsize  # records of a format that is not counted here: no total is more
NUMBER = re.compile(r"\s*\"?[-+]?\d[\d.,\s]*\"?\s*")
RANGE, LINK = "Content-Range", "Link"


def announcing_headers(response: requests.Response, redacted: Callable[[str], str]) -> dict:
    """Return the headers that say of how many an answer is a part, or where the next one is."""
    headers = response.headers.items()
    said = {n: v for n, v in headers if any(each.fullmatch(name_of(HEADER + n)) for each in NAMES)}
    part = part_of(response)
    if part and part.unit != "bytes":
        said[RANGE] = response.headers[RANGE]
    if following := link_to(response, "next"):
        said[LINK] = redacted(following)
    return said


def refuse_announced(
    path: Path, kind: str, records: str, said: Mapping[str, str], where: str, url: str
) -> None:
    """Refuse a file that is one page of several, by what its server's headers say.

    Args:
        kind: what ``sniff`` calls it.
        records: path of the records in a JSON document.
        said: see ``announcing_headers``.

    Raises:
        DiffusionError: with these headers.
    """
    if not said:
        return
    came = _count(path, kind, records, where)
    plain = {f"{HEADER}{name}": v for name, v in said.items() if name not in (RANGE, LINK)}
    totals = {int(value) for value in plain.values() if value.isdecimal()}
    if kind == "text" and (came - 1 in totals or _has_names(path)):
        came -= 1
    around = Around(plain, came)
    signs, part = around.signs, part_in(said.get(RANGE, ""))
    if part and (part.total or 0) > (came if came != UNKNOWN else (part.last or 0) + 1):
        signs.append(f"`{HEADER}{RANGE}`: {said[RANGE]}")
    if LINK in said and not around.agrees:
        signs.append(f"`{HEADER}{LINK}`: {said[LINK][:100]} is the next one")
    if not signs:
        return
    style = "style: link_header" if LINK in said else around.style
    fix = "it is one page: ask for all (a parameter such as `limit`), or for each page by a "
    fix += 'partition, such as `params: {page: "{page}"}` with `partitions: {page: ["1", "2"]}`'
    if kind in ("json", "geojson"):
        fix += f"; of JSON, `from: api` with `pages: {{{style}}}` asks for all"
    found = f"the headers of {url} say that there is more: {'; '.join(signs)}"
    raise IncompleteError(where, found, fix)


def _has_names(path: Path) -> bool:
    """Say whether the first line of a text looks like names: nothing in it is a number."""
    with path.open("rb") as file:
        first = file.readline(1 << 16).decode("utf-8", "replace")
    return not any(NUMBER.fullmatch(cell) for cell in re.split(r"[,;\t|]", first.strip()))


def _count(path: Path, kind: str, records: str, where: str) -> int:
    from diffusion.files.json_scan import scan_json  # with numpy, for the few that announce much
    from diffusion.files.lines import count_lines

    if kind in ("text", "ndjson", "geojsonseq"):
        return count_lines(path)
    if kind == "geojson" or (kind == "json" and records):
        return count_records(path, records or "features")
    if kind == "json":
        with path.open("rb") as file:
            is_array = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
        return scan_json(path, where).elements if is_array else UNKNOWN
    return UNKNOWN
