"""Files in which a server says that it failed, or that it left records out."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from diffusion.errors import DiffusionError

ENDS = 64 * 1024  # bytes at the beginning and at the end, where counts stand
# counts of OGC services, in JSON and as attributes of the first element of XML
COUNT = r'\bnumber{}"?\s*[:=]\s*"?(\d+)'
LIMIT = re.compile(r'"exceededTransferLimit"\s*:\s*true')
XML_ROOT = re.compile(r"\s*(?:<[?!][^>]*>\s*)*<[^>]*>")
PLACES = ("startindex", "offset", "resultoffset", "start", "page", "cursor")
# an answer that holds nothing but these is an error, not data
ERROR_KEYS = {"error", "errors", "success", "status", "message", "code", "details", "help"}


def refuse_incomplete(path: Path, kind: str, params: Mapping, where: str, url: str) -> None:
    """Refuse a file that says itself that it is an error, or not all there is.

    A request that says where it begins (``startIndex`` …) asks for a part, and gets one.

    Args:
        kind: what ``sniff`` calls it.
        params: query parameters as configured.
        where: how errors name the source.
        url: of the request.

    Raises:
        DiffusionError: with the server's words, or both counts.
    """
    if kind not in ("json", "geojson", "xml"):
        return
    _refuse_error(path, where, url)
    asked = {*params, *(name for name, _ in parse_qsl(urlsplit(url).query, True))}
    if any(name.lower() in PLACES for name in asked):
        return
    text = _ends(path, kind)
    matched, came = (re.search(COUNT.format(name), text) for name in ("Matched", "Returned"))
    if matched and came and int(matched[1]) > int(came[1]):
        found = f"{url} holds {came[1]} features, and says that {matched[1]} match"
        fix = (
            "the server gives no more at once: ask for parts, by a partition such as "
            '`params: {startIndex: "{start}"}` with '
            f'`partitions: {{start: ["0", "{came[1]}", …]}}`; '
            "a `startIndex` also says that one part is meant"
        )
        raise DiffusionError(where, found, fix)
    if LIMIT.search(text):
        found = f"{url} says `exceededTransferLimit`: the server left records out"
        fix = (
            'ask for parts, by a partition such as `params: {resultOffset: "{start}"}` with '
            '`partitions: {start: ["0", "1000", …]}`'
        )
        raise DiffusionError(where, found, fix)


def _refuse_error(path: Path, where: str, url: str) -> None:
    if path.stat().st_size > ENDS:
        return
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict) or not found.keys() <= ERROR_KEYS:
        return
    if said := found.get("error") or found.get("errors"):
        words = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
        fix = "correct `url` and `params`, or run `snakemake` again later"
        raise DiffusionError(where, f"{url} answers with an error: {words[:500]}", fix)


def _ends(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        head = file.read(ENDS)
        size = file.seek(0, 2)
        file.seek(max(len(head), size - ENDS))
        text, tail = (part.decode("utf-8", "replace") for part in (head, file.read()))
    root = XML_ROOT.match(text) if kind == "xml" else None
    return root[0] if root else text + tail
