"""Results on S3 that this folder has no record of, as in a new pod: kept if they are those wanted.

Snakemake's records of parameters and code lie in the working folder. Without them it takes any
result at the work prefix for the right one: a new vintage would do nothing, without a word. What
was published under the configuration as it is now says which results are.
"""

from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from diffusion.run.jobs import Jobs
from diffusion.run.state import SOURCES, SUMMARY, State
from diffusion.storage.items import Item
from diffusion.storage.store import Store

RECORDS = Path(".snakemake/metadata")
RESULTS = "results/"


def remove_stale(store: Store, jobs: Jobs, dry: bool = False, records: Path = RECORDS) -> str:
    """Remove the results of what is not published as the configuration has it now.

    Raw copies and what is published lie elsewhere: nothing is asked or published anew for it.

    Args:
        store: the work prefix.
        dry: remove nothing, only tell.
        records: Snakemake's own; of an entry that has any, they say what is to be made.

    Returns:
        what is removed, in words; empty for nothing.
    """
    known = _recorded(records)
    listed = {item.key: item for item in store.items(RESULTS.rstrip("/"))}
    state = State(jobs, store.url)
    unknown = [n for n in jobs.entries if not any(f"/{n}{sign}" in known for sign in "/.")]
    stale = [
        name
        for name in unknown
        if not (
            _is_current(state, jobs, listed, name)
            if name in jobs.sources
            else state.is_current(name)
        )
    ]
    ours = {name: _of(listed, name) for name in stale}
    keys = {key for found in ours.values() for key in found}
    if not keys:
        return ""
    keys |= {SUMMARY, *([SOURCES] if set(stale) & jobs.sources.keys() else [])} & listed.keys()
    if not dry:
        store.delete(sorted(keys))
    names = ", ".join(name for name in stale if ours[name])
    again = "a run makes them again" if dry else "made again"
    return f"{store.url}: results of another configuration, or unfinished: {names}: {again}"


def _recorded(records: Path) -> str:
    """Return the names of all results that Snakemake has a record of, one a line.

    A record is called by the name of its result in base64; long ones are cut into folders.
    """
    names = []
    for path in records.rglob("*"):
        text = "".join(part.removeprefix("@") for part in path.relative_to(records).parts)
        if path.is_file():
            with suppress(ValueError):
                names.append(urlsafe_b64decode(text).decode("utf-8", "replace"))
    return "\n".join(names)


def _of(listed: Iterable[str], name: str) -> set[str]:
    """Return the results of an entry: in its folders, and its files."""
    places = [key.removeprefix(RESULTS).split("/", 1) for key in listed]
    return {
        RESULTS + "/".join(place)
        for place in places
        if place[1:] and place[1].startswith((f"{name}/", f"{name}."))
    }


def _is_current(state: State, jobs: Jobs, listed: Mapping[str, Item], name: str) -> bool:
    """Say whether a source's results are those that were published as it is configured now."""
    receipt, facts = state.read(SOURCES).get(name), state.facts(name)
    table = listed.get(f"{RESULTS}tables/{name}.parquet")
    if not (receipt and facts and table) or receipt.get("spec") != jobs.spec(name):
        return False
    if (receipt["table_sha256"], table.size) != (facts["sha256"], facts["size"]):
        return False
    made_of = [f"{RESULTS}{folder}/{name}/" for folder in ("raw", "parts")]
    times = [item.modified for key, item in listed.items() if key.startswith(tuple(made_of))]
    return max(times, default=0) <= table.modified
