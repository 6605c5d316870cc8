"""Configuration files to the typed configuration, without Snakemake; later files win."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from diffusion.config.axes import forget_file
from diffusion.config.model import Config
from diffusion.config.names import NAME
from diffusion.config.partial import UNKNOWN, WHOLE
from diffusion.config.parts import Storage
from diffusion.config.resolve import ConfigError, resolve_config
from diffusion.config.secrets import hide
from diffusion.config.yaml_errors import yaml_remedy
from diffusion.errors import DiffusionError, YamlError

STAND_IN = {"from": "file", "url": UNKNOWN, "vintage": UNKNOWN}


def load_config(
    files: Sequence[Path],
    project: Path | None = None,
    writes: Path | None = None,
    change: Mapping = {},
) -> Config:
    """Read, merge and resolve configuration files; for ``project`` see ``resolve_config``.

    Args:
        writes: the file of an axis that is about to be written: it may be missing.
        change: is laid over what the files say.

    Raises:
        DiffusionError: a file cannot be read, or all that is wrong in them.
    """
    config = read_all(files)
    merge(config, change)
    if writes:
        forget_file(config, writes)
    return resolve_config(config, files, project=project)


def load_one(files: Sequence[Path], name: str) -> tuple[Config, list[DiffusionError]]:
    """Return a configuration in which one source is right, and the mistakes in all the rest.

    Where there are some, it holds that source, and stand-ins for those that its checks name.

    Raises:
        DiffusionError: a file cannot be read, or all that is wrong in the source.
    """
    config = read_all(files)
    try:
        return resolve_config(config, files), []
    except ConfigError as error:
        if own := [problem for problem in error.problems if _concerns(problem, name)]:
            raise ConfigError(own) from None
        elsewhere = error.problems
    given = config["sources"]
    own_entry = {key: entry for key, entry in given.items() if key == name}
    # of a name that is none, the others are what may be meant
    others = _named(given[name]) if own_entry else filter(NAME.fullmatch, map(str, given))
    sources = dict.fromkeys(others, STAND_IN) | own_entry
    used = {key: config[key] for key in ("vintage", "offline") if key in config}
    return resolve_config(WHOLE | {"vintage": None} | used | {"sources": sources}), elsewhere


def load_storage(files: Sequence[Path]) -> tuple[Storage, dict[str, str]]:
    """Return where a configuration publishes, whatever is wrong in its sources, and its names.

    Returns:
        ``storage:``; the name of each entry → the name under which it is published.

    Raises:
        DiffusionError: a file cannot be read, or ``project:`` or ``storage:`` is wrong.
    """
    config = read_all(files)
    given = {key: config[key] for key in ("project", "storage") if key in config}
    stand_in = {"vintage": None, "sources": {UNKNOWN: STAND_IN}}
    storage = resolve_config(WHOLE | given | stand_in, files).storage
    sections = (config.get(section) for section in ("sources", "derive"))
    entries = [pair for s in sections if isinstance(s, Mapping) for pair in s.items()]
    named = ((n, e.get("publish_as") if isinstance(e, Mapping) else None) for n, e in entries)
    return storage, {str(name): str(published or name) for name, published in named}


def _named(entry: Mapping) -> set[str]:
    """Return the tables that the checks of a source name."""
    checks = entry.get("checks") or {}
    keys = {target.split(".")[0] for target in (checks.get("foreign_keys") or {}).values()}
    rules = [rule for rule in (checks.get("sql") or {}).values() if isinstance(rule, Mapping)]
    return keys.union(*(rule.get("tables") or () for rule in rules))


def _concerns(problem: DiffusionError, name: str) -> bool:
    """Whether a mistake is one of a source, or of what all sources have from above."""
    where = f"{problem.where.split(' (')[0]}."
    return where.startswith((f"sources.{name}.", "vintage.", "offline.")) or where == "sources."


def merge(config: dict, change: Mapping) -> None:
    """Lay one mapping over another, in place, as Snakemake does with several files."""
    for key, value in change.items():
        if isinstance(value, Mapping):
            below = config.get(key, {})
            config[key] = {} if value and not isinstance(below, dict) else below
            merge(config[key], value)
        else:
            config[key] = value


def read_all(files: Sequence[Path]) -> dict:
    """Return what configuration files say together, as it stands there; see ``read_config``."""
    config: dict = {}
    for path in files:
        merge(config, read_config(path))
    return config


def read_config(path: Path) -> Mapping:
    """Return what a configuration file says, as it stands there.

    Raises:
        DiffusionError: it cannot be read, is no YAML, or holds no keys.
    """
    try:
        text = path.read_text("utf-8")
        content = yaml.safe_load(text)
    except OSError as error:
        fix = "go to the folder of your clone, or name your configuration files"
        raise YamlError(str(path), f"cannot be read: {error.strerror}", fix) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        found = f"is not UTF-8: line {line} has the byte 0x{error.object[error.start]:02x}"
        raise YamlError(str(path), found, "save it as UTF-8 in your editor") from error
    except yaml.YAMLError as error:
        found = "is not valid YAML: " + str(error).replace('in "<unicode string>", ', "at ")
        fix = yaml_remedy(error, text)
        raise YamlError(str(path), hide(found), hide(fix)) from error
    if not isinstance(content or {}, Mapping):
        raise YamlError(str(path), "holds no keys", "write `sources:` and what belongs to it")
    return content or {}
