"""Files in which a server says that it failed, or that it left records out."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from diffusion.base.json_path import in_yaml
from diffusion.config.fetching import HttpFetch
from diffusion.config.model import Fetching
from diffusion.config.partitions import Partition, fill
from diffusion.errors import AnswerError, IncompleteError
from diffusion.fetch.announcing import refuse_announced
from diffusion.fetch.body import Body
from diffusion.fetch.content import as_json
from diffusion.fetch.request import Request
from diffusion.fetch.said import USUAL, said_in
from diffusion.fetch.signs_of_more import states_beginning
from diffusion.files.announced import Around
from diffusion.files.envelope import around_records, count_records, leaves

START = 64 * 1024  # bytes in which the counts of XML, or an error, stand
# counts of OGC services, as attributes of the first element of XML
COUNT = r'\bnumber{}\s*=\s*"(\d+)'
XML_ROOT = re.compile(r"\s*(?:<[?!][^>]*>\s*)*<[^>]*>")
FEATURES = "features"  # where the records of GeoJSON are
# an answer that holds nothing but these is an error, not data
ERROR_KEYS = {"error", "errors", "success", "status", "message", "code", "details", "help"}


@dataclass(frozen=True)
class Asked:
    """What was asked for, as errors name it: the source, and the URL without a secret.

    ``announced``: what the headers of the answer say of others, see ``announcing``.
    """

    where: str
    url: str
    announced: Mapping[str, str] = field(default_factory=dict)


def refuse_incomplete(path: Path, kind: str, source: Fetching, axes: Partition, at: Asked) -> None:
    """Refuse a file that says itself that it is an error, or not all there is.

    A partition that says where its answer begins (``startIndex`` …) asks for a part, and gets one.

    Args:
        kind: what ``sniff`` calls it.
        source: how it was asked for, and where the records stand in a JSON document.
        axes: of the partition.

    Raises:
        DiffusionError: with the server's words, or both counts.
    """
    is_json = kind in ("json", "geojson", "esrijson")
    if is_json:
        _refuse_error(path, at)
    fetch = source.fetch
    if isinstance(fetch, HttpFetch):
        filled = Request(fill(fetch.url, axes, in_url=True), fill(fetch.params, axes))
        if states_beginning(fetch, filled):
            return
    if kind == "xml":
        _refuse_part_of_xml(path, at)
    elif is_json:
        _refuse_part_of_json(path, source.records or FEATURES, at)
    refuse_announced(path, kind, source.records, at.announced, at.where, at.url)


def _refuse_part_of_xml(path: Path, at: Asked) -> None:
    with path.open("rb") as file:
        root = XML_ROOT.match(file.read(START).decode("utf-8", "replace"))
    counts = [COUNT.format(name) for name in ("Matched", "Returned")]
    matched, came = (re.search(count, root[0] if root else "") for count in counts)
    if matched and came and int(matched[1]) > int(came[1]):
        found = f"{at.url} holds {came[1]} features, and says that {matched[1]} match"
        raise IncompleteError(at.where, found, _in_parts("startIndex", came[1]))


def _refuse_part_of_json(path: Path, records: str, at: Asked) -> None:
    around = Around(dict(leaves(around_records(path, records))), 0)
    around = around.of_geojson() if records == FEATURES else around
    if not around.signs:
        return
    around = Around(around.values, count_records(path, records))
    if not around.signs:
        return
    found = f"{at.url} holds {around.came:,} records, and says that there are more: "
    fix = _in_parts("startIndex", str(around.came))
    if around.ways and records == FEATURES:  # a parameter that is guessed may be ignored
        fix = "it is one page of an API, which names the next one: `from: api` with `format: "
        fix += f"geojson` and `pages: {{records: {FEATURES}, {around.style}}}`"
    elif any("exceededTransferLimit" in path for path in around.values):
        fix = _in_parts("resultOffset", str(around.came))
    elif records != FEATURES:
        fix = (
            f"it is one page of an API: `from: api` with `pages: {{records: {in_yaml(records)}, "
            f"{around.style}, …}}`; or with `style: none`, if these really are all"
        )
    raise IncompleteError(at.where, found + "; ".join(around.signs), fix)


def _in_parts(param: str, came: str) -> str:
    return (
        f"the server gives no more at once: ask for parts, by a partition such as "
        f'`params: {{{param}: "{{start}}"}}` with '
        f'`partitions: {{start: ["0", "{came}", …]}}`, if `{param}` is what this server calls it'
    )


def _refuse_error(path: Path, at: Asked) -> None:
    """Refuse one object that is an error in the server's words, where no list of objects is."""
    if path.stat().st_size > START:
        return
    text = as_json(path.read_bytes())
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict):
        return
    answer = requests.Response()
    answer.status_code = 200
    body = Body(answer, at.where, text)
    if body.lists():
        return
    where, words = said_in(body)
    if words and (where.lower() not in USUAL or found.keys() <= ERROR_KEYS):
        said = f"{at.url} answers with an error: {words}"
        fix = "correct `url` and `params`, or run `snakemake` again later"
        raise AnswerError(at.where, said, fix)
