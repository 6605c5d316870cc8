"""What is shown of a table beside the manifest: its first rows, and what its checks found.

Both are known where the table was made. Elsewhere the page that is there is asked: it keeps them,
with the hash of the table they are of, so that nothing of another version is ever shown.
"""

import datetime
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from diffusion.catalogue.keys import is_geographic
from diffusion.catalogue.page.check_words import french_words
from diffusion.catalogue.page.outlines import outlines, outlines_in
from diffusion.catalogue.page.words import NUMBERS
from diffusion.check.outcome import failure_words
from diffusion.config.model import Config

if TYPE_CHECKING:
    import pyarrow as pa

BYTES = ("binary", "large_binary", "fixed_size_binary")
ROWS, COLUMNS, LONGEST = 100, 40, 120  # characters of a cell
CHECKS = 200
KEPT = re.compile(r'<script type="application/json" id="kept">(.*?)</script>', re.DOTALL)


class Check(msgspec.Struct, frozen=True):
    """A check in words: those that do not hold have examples."""

    kind: str
    passed: bool
    words: str
    level: str = "warn"  # what it means if it does not hold: "error" forbids publishing
    french: str = ""  # the words, where there are such


class Known(msgspec.Struct, frozen=True):
    """What is shown of one version of a table.

    Attributes:
        of: SHA-256 of the table.
        names: columns of the sample.
        numeric: which of them are numbers.
        rows: the values as text; None where there is none.
    """

    of: str
    names: list[str] = []
    numeric: list[bool] = []
    rows: list[list[str | None]] = []
    checks: list[Check] = []
    outlines: list[str] = []  # paths of SVG; they stand on the page, and not in what it keeps


def known_here(config: Config, manifest: Mapping, results: Path) -> dict[str, Known]:
    """Return what this machine knows of what is published now, by published names.

    Args:
        results: the folder of the run's results.
    """
    return {
        published: _known(results, name, facts, manifest["tables"][published])
        for name, published, facts in _facts_here(config, manifest, results)
    }


def tables_here(config: Config, manifest: Mapping, results: Path) -> dict[str, Path]:
    """Return the tables of this machine that are published as they are, by published names."""
    found = {
        published: _table(results, name, facts)
        for name, published, facts in _facts_here(config, manifest, results)
    }
    return {published: table for published, table in found.items() if table}


def _facts_here(
    config: Config, manifest: Mapping, results: Path
) -> Iterator[tuple[str, str, Mapping]]:
    for name, part in {**config.sources, **config.derive}.items():
        published = part.publish.publish_as
        entry = manifest["tables"].get(published, {})
        facts = _json(results / "tables" / f"{name}.json")
        if facts and facts.get("sha256") == entry.get("table_sha256"):
            yield name, published, facts


def _table(results: Path, name: str, facts: Mapping) -> Path | None:
    table = results / "tables" / f"{name}.parquet"
    return table if table.is_file() and table.stat().st_size == facts.get("size") else None


def kept_in(page: bytes) -> Known | None:
    """Return what an earlier page keeps; None if it keeps nothing."""
    text = page.decode(errors="replace")
    found = KEPT.search(text)
    try:
        known = msgspec.json.decode(found[1], type=Known) if found else None
    except msgspec.DecodeError:
        return None
    return known and msgspec.structs.replace(known, outlines=outlines_in(text))


def _known(results: Path, name: str, facts: Mapping, entry: Mapping) -> Known:
    table, checked = _table(results, name, facts), facts.get("checks")
    apart = _json(results / "checks" / f"{name}.json")
    outcome = apart if apart.get("results") else checked or {}
    known = Known(facts["sha256"], checks=list(islice(outcome_checks(outcome), CHECKS)))
    if table:
        paths = outlines(table, entry["geo"]) if is_geographic(entry) else []
        return msgspec.structs.replace(known, outlines=paths, **_sample(table))
    return known


def outcome_checks(outcome: Mapping) -> Iterator[Check]:
    """Yield the checks of a table in words.

    Args:
        outcome: see ``check.checks.summary``.
    """
    for result in outcome.get("results", []):
        told = result | NO_EXAMPLES if result["passed"] else result
        words, kind = failure_words(told), result["check"]
        yield Check(kind, result["passed"], words, result["level"], french_words(told))


NO_EXAMPLES: Mapping = {"examples": []}


def _sample(path: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq  # where a table is

    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        names = [field.name for field in schema if _is_shown(field)][:COLUMNS]
        if not names:
            return {}
        batch = next(file.iter_batches(ROWS, columns=names, use_threads=False), None)
    rows = batch.select(names).to_pylist() if batch else []
    numeric = [_is_number(schema.field(name)) for name in names]
    texts = [[_text(row[name]) for name in names] for row in rows]
    return {"names": names, "numeric": numeric, "rows": texts}


def _is_number(field: "pa.Field") -> bool:
    return str(field.type).startswith(NUMBERS)


def _is_shown(field: "pa.Field") -> bool:
    return not (str(field.type).startswith(BYTES) or field.name == "bbox")


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        text = value.isoformat(" ")
    elif isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False, default=str)
    else:
        text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _json(path: Path) -> dict:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
