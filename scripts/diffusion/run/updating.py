"""A newer vintage of a source: received and compared with what is published, before anything of it
is.

Its raw copy is frozen under the new vintage, by the code of a run: what is shown is what a run then
publishes, and the source is not asked again. The configuration is edited last, on consent only.
"""

import datetime
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from diffusion.check.checks import run_checks, summary
from diffusion.check.outcome import failures_of
from diffusion.config.model import Config, Source
from diffusion.config.partitions import count_partitions, partitions_of
from diffusion.config.periods import period_of, period_of_vintage
from diffusion.config.remedies import remedies_merged
from diffusion.config.typed import flat_config, flat_entry
from diffusion.convert.stages import convert_table
from diffusion.errors import OptionError
from diffusion.fetch.batch import fetch_batch, find_frozen
from diffusion.publish.change_words import change_words
from diffusion.publish.changes import change_between, is_of_same_origin
from diffusion.publish.keys import compare_keys
from diffusion.publish.manifest import read_manifest
from diffusion.publish.origin import origin_of
from diffusion.raw.inputs import CACHE, raw_inputs
from diffusion.raw.lock import read_lock
from diffusion.run.drafts import load_but_broken
from diffusion.run.heartbeat import heartbeat
from diffusion.run.job import claim_of, open_store, since_of
from diffusion.storage.places import open_place
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import Limits

MEMORY = 2000  # MiB, as a job that converts has
SCRATCH = Path(".diffusion/fetch")  # where runs keep what is unfinished, too
Say = Callable[[str], None]
Outcome = Literal["new", "same", "failed"]


@dataclass(frozen=True)
class Newer:
    """A source as it would be under a new vintage.

    Attributes:
        name: of the source.
        vintage: the one in use.
        source: with the new one.
        config: of all, with the new one.
    """

    name: str
    vintage: str
    source: Source
    config: Config


def newer_of(files: Sequence[Path], config: Config, name: str, vintage: str) -> Newer:
    """Return a source under another vintage, by which its windows of time may be others, too.

    Args:
        vintage: the new one; empty to propose one, see ``proposed``.

    Raises:
        DiffusionError: it is the one in use, or no name of a vintage.
    """
    current = config.sources[name].vintage
    today = datetime.datetime.now(datetime.UTC).date()
    own = proposed(current, today)
    new = vintage or own
    if not new or new == current:
        found = f"{current} is in use" if new else f"`{current}` names no day, month or year"
        fix = f"name the new one, such as: diffusion update {name} --vintage {own or today}"
        raise OptionError(f"sources.{name}.vintage", found, fix)
    change = {"sources": {name: {"vintage": new}}}
    changed = load_but_broken(files, [name], change=change).config
    return Newer(name, current, changed.sources[name], changed)


def proposed(vintage: str, today: datetime.date) -> str:
    """Return today as a vintage is written, a day, a week, a month …; empty if it is none.

    The one in use may be of today, or of this month: then it is the name after it, as another one
    could be that of a raw copy which is older. It does not depend on what was received: typed
    again with consent, the command means what it showed.
    """
    period = period_of_vintage(vintage)
    if period is None:
        return ""
    now = period_of(today, period.kind)
    return str(now) if now != period else f"{now}{_after(vintage.removeprefix(str(now)))}"


def _after(ending: str) -> str:
    """Return what comes after the ending of a vintage: b, c …; of a month, too, it is a letter."""
    if len(ending) == 1 and "a" <= ending < "z":
        return chr(ord(ending) + 1)
    if numbered := re.fullmatch(r"(.*\D)(\d+)", ending):
        return f"{numbered[1]}{int(numbered[2]) + 1}"
    return f"{ending}2" if ending else "b"


def receive(newer: Newer, say: Say) -> dict:
    """Freeze the raw copy of the new vintage, or find it frozen; return its receipt.

    Raises:
        DiffusionError: as a fetch of a run.
    """
    flat = flat_config(newer.config)
    partitions = list(partitions_of(newer.source.partitions))
    many = f" ({len(partitions):,} partitions)" if len(partitions) > 1 else ""
    say(f"{newer.name}: vintage {newer.vintage} → {newer.source.vintage}, fetching{many}")
    store = open_store(flat, "raw")
    if known := find_frozen(store, newer.name, newer.source.fetching, partitions[0]):
        say(
            f"· of vintage {newer.source.vintage} there is a raw copy already, retrieved "
            f"{known['retrieved']}: it is not asked for again; another `--vintage` asks the source"
        )
    with heartbeat(say) as heart:
        heart.doing = "fetching"
        return fetch_batch(
            newer.name,
            newer.source.fetching,
            partitions,
            store,
            SCRATCH,
            lock=read_lock(),
            cache=CACHE,
            claim=claim_of(flat),
            since=since_of(flat, newer.name),
        )


def compare(newer: Newer, receipt: Mapping, say: Say) -> Outcome:
    """Make a table of the new raw copy, and say how it differs from what is published.

    Returns:
        ``same`` where the source sends what it sent before; ``failed`` where a check fails, so that
        a run would not publish it; else ``new``, though a run may stop until that is accepted.

    Raises:
        DiffusionError: the new data cannot be read as they are configured.
    """
    source = newer.source
    with tempfile.TemporaryDirectory(prefix="diffusion-update-") as place, heartbeat(say) as heart:
        heart.doing = "making a table of it"
        folder, store = Path(place), open_store(flat_config(newer.config), "raw")
        table = folder / f"{newer.name}.parquet"
        limits = Limits(MEMORY, min(os.cpu_count() or 1, 4), folder / "scratch")
        with remedies_merged(flat_entry(source)):
            inputs = raw_inputs(receipt, store, CACHE)
            distinct = convert_table(newer.name, source, inputs, table, limits)
        facts = facts_of(table, distinct)
        say(f"{facts['rows']:,} rows, {len(facts['columns']):,} columns")
        failed = failures_of(summary(run_checks(table, source.checks.alone, {}, limits)))
        for kind, words in failed.items():
            say(f"✗ sources.{newer.name}.checks.{kind}: {words}")
        is_new = _differences(newer, facts, table, limits, say)
    return "failed" if failed else "new" if is_new else "same"


def _differences(
    newer: Newer, facts: Mapping[str, Any], table: Path, limits: Limits, say: Say
) -> bool:
    source, name = newer.source, newer.source.publish.publish_as
    place = open_place(newer.config.storage, "url")
    known = read_manifest(place)[0]["tables"].get(name) if place else None
    if place is None or known is None:
        say(f"nothing is published as {name}, with which it could be compared")
        return True
    now = _entry(facts, source)
    if is_of_same_origin(known, now):
        say("its raw copy has the same bytes as that of the published version")
        return False
    unique = source.checks.main_key
    keys = compare_keys(place, name, known, table, facts, unique, limits)
    objects = [item["key"] for item in known["objects"]]
    change = change_between(known, now, objects, keys)
    told = change_words({k: v for k, v in change.noted.items() if k != "back"})
    say(told or "rows, columns and types are as published")
    if keys and not change.noted.get("keys"):
        say("keys: all as published, with the same values")
    elif not unique:
        say(
            "· which rows are new, gone or changed is told where `checks: {unique: […]}` names them"
        )
    for line in _consents(name, change.suspicions(source.checks.shrink)):
        say(line)
    return True


def _entry(facts: Mapping[str, Any], source: Source) -> dict[str, Any]:
    """Return what the manifest would note of the table, as far as it is compared."""
    found = {key: facts[key] for key in ("rows", "columns", "missing", "geo") if key in facts}
    origin = origin_of(facts["noted"])
    raw = {"raw_sha256": facts["noted"].get("raw_sha256")}
    partitions = count_partitions(source.partitions)
    return found | raw | {"origin": origin, "vintage": source.vintage, "partitions": partitions}


def _consents(name: str, suspicions: Mapping[str, str]) -> Iterator[str]:
    """Yield what a run would stop at, and how it is accepted."""
    for words in suspicions.values():
        yield f"! {words}"
    if suspicions:
        consents = json.dumps(sorted(f"{name}:{kind}" for kind in suspicions))
        yield f"  → a run stops at that, until: snakemake --config 'accept={consents}'"
