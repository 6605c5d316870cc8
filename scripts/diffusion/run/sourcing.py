"""A source is added to the configuration: proposed, read back as the loader reads it, tried."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from diffusion.base.json_files import write_whole
from diffusion.config.load import load_one, read_config
from diffusion.config.model import Source
from diffusion.errors import DiffusionError, OfflineError, ProposalError
from diffusion.propose.choosing import Choose, with_option
from diffusion.propose.draft import Draft
from diffusion.propose.insert import insert_entry, taken
from diffusion.propose.source import Proposal, propose_source
from diffusion.propose.wanted import Wanted
from diffusion.run.heartbeat import Heartbeat, heartbeat
from diffusion.run.trial import (
    MEMORY,
    Trial,
    leaving_nothing,
    try_source,
    warnings_collected,
)
from diffusion.run.trial_words import words_of_a_try
from diffusion.tables.limits import Limits

# keys by which two sources ask for the same
SAME = (*"url url_env params method body member table query layer records xlsx".split(),)
WHOLE = "`diffusion try --whole`"


@dataclass(frozen=True)
class Asked:
    """What was typed: for what is not said here see ``Wanted``.

    Attributes:
        rows: how many are shown.
    """

    place: str
    name: str
    given: Mapping[str, Any]
    resources: Sequence[str]
    whole: bool
    rows: int
    choose: Choose
    begun: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Addition:
    """A source that may be added: the configuration with it, and its lines.

    Attributes:
        is_well: what was shown of it passes its checks.
    """

    name: str
    block: str
    before: bytes
    text: str
    is_well: bool


def look_at(asked: Asked, path: Path, today: str, say: Callable[[str], None]) -> Addition:
    """Look at what was typed, show what is found, and return what may be written.

    Args:
        path: the configuration; it is not changed.
        today: the vintage where the project states none.

    Raises:
        DiffusionError: it is no data, or is not read; what can be stated is said in the remedy.
    """
    before, config = path.read_bytes(), read_config(path)
    names = list(config.get("sources") or {})
    if asked.name in names:
        raise taken(path, asked.name)
    is_far = "://" in asked.place or asked.begun.get("from") == "database"
    if config.get("offline") is True and is_far:
        fix = "this asks the source: take out `offline: true`"
        raise OfflineError(str(path), "offline", fix)
    vintage = str(config.get("vintage") or today)
    wanted = Wanted(
        *(asked.place, asked.name, asked.given, vintage, asked.resources, asked.whole),
        *(names, asked.choose, say, asked.begun),
    )
    with leaving_nothing() as folder:
        proposal = _proposed(wanted, folder, say)
        block, name = proposal.draft.text(), proposal.draft.name
        if not asked.name:
            _refuse_same(proposal.draft, config.get("sources") or {}, path)
        text = insert_entry(path, name, block)
        source = _read_back(path, text, name)
        trial = Trial(name, source, "all", asked.rows)
        is_well = try_source(trial, say, replace(proposal.sample, told=[]))
    for doubt in proposal.draft.doubts:
        say(f"? {doubt}")
    return Addition(name, block, before, text, is_well)


def _refuse_same(draft: Draft, sources: Mapping[str, Any], path: Path) -> None:
    """Refuse what another source reads already, unless it was given a name.

    Raises:
        DiffusionError: with the name of that source.
    """
    keys = draft.all_keys
    for name, entry in sources.items():
        if isinstance(entry, Mapping) and all(entry.get(k) == keys.get(k) for k in SAME):
            fix = f"see it: `diffusion try {name}`. To add it once more, name it: `--name NAME`"
            found = f"`{keys.get('url') or keys.get('url_env')}` is what this source reads already"
            raise ProposalError(f"sources.{name} ({path})", found, fix)


def _proposed(wanted: Wanted, folder: Path, say: Callable[[str], None]) -> Proposal:
    place = folder / "propose"
    place.mkdir()
    limits = Limits(MEMORY, min(os.cpu_count() or 1, 4), folder / "scratch")
    with warnings_collected(say), heartbeat(say) as heart:  # a try tells those that stay
        heart.doing = "looking"
        try:
            asking = replace(wanted, choose=_while_paused(wanted.choose, heart))
            proposal = propose_source(asking, place, limits)
        except DiffusionError as error:
            fix = words_of_a_try(error.fix).replace(WHOLE, "the same command with --whole")
            if error.found.startswith("HTTP 405"):
                fix += "; if it is asked by POST: the same command with --body '{…}'"
            raise with_option(error.restated(fix=fix)) from error.__cause__
    say("\n".join(proposal.sample.told))
    return proposal


def _while_paused(choose: Choose, heart: Heartbeat) -> Choose:
    """Return what asks, and lets nothing else speak until it is answered."""
    if choose is None:
        return None

    def ask(what: str, names: Sequence[str], option: str) -> str:
        with heart.paused():
            return choose(what, names, option)

    return ask


def _read_back(path: Path, text: str, name: str) -> Source:
    """Return the source as the loader reads it from the text."""
    with tempfile.TemporaryDirectory(prefix="diffusion-source-") as folder:
        file = Path(folder) / path.name
        file.write_text(text, "utf-8", newline="")
        config, _ = load_one([file], name)
    return config.sources[name]


def write(path: Path, addition: Addition) -> None:
    """Write the configuration with the source, as it was shown.

    Raises:
        DiffusionError: somebody changed the file meanwhile; nothing is written then.
    """
    if path.read_bytes() != addition.before:
        fix = f"type the command again; or write it there by hand:\n{addition.block}"
        raise ProposalError(str(path), "was changed meanwhile", fix)
    target = path.resolve()  # a link stays one
    mode = target.stat().st_mode & 0o777
    write_whole(target, addition.text.encode())
    target.chmod(mode)
