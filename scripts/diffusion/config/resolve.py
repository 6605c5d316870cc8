"""The configuration: environment expanded, defaults filled, all errors reported at once."""

import copy
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import msgspec

from diffusion.base import variables
from diffusion.base.quick_yaml import load_yaml
from diffusion.base.variables import VARIABLE
from diffusion.config.axes import expand_axes
from diffusion.config.branches import branch_of
from diffusion.config.fetching import PLACES
from diffusion.config.model import Config
from diffusion.config.partial import further_problems
from diffusion.config.plain import plain, without_unknown
from diffusion.config.positions import Key, positions
from diffusion.config.rules import cross_field_problems
from diffusion.config.rules_derive import missing_code
from diffusion.config.schema import schema_problems
from diffusion.config.secrets import hide, secret_problems
from diffusion.config.typed import typed_config
from diffusion.errors import DiffusionError, OptionError, SecretError, VariableError, YamlError

SCHEMA = Path(__file__).parents[3] / "workflow" / "schemas" / "config.schema.yaml"
SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSWO?R?D|CREDENTIAL|(^|_)KEY$|APIKEY", re.IGNORECASE)
EXPANDED = re.compile(
    r"storage\.(url|raw|public_url|endpoint|region)|sources\.[^.]+\.(url|endpoint|region|portal)"
)
UNKNOWN = "unset"  # replaces a variable that cannot be used, until the error is raised


class ConfigError(DiffusionError):
    """All that is wrong in the configuration, one entry a problem."""

    def __init__(self, problems: list[DiffusionError]):
        self.problems = problems
        count = f"{len(problems)} error{'s' if len(problems) > 1 else ''}"
        super().__init__("configuration", count + "\n\n" + "\n\n".join(map(str, problems)))

    def __reduce__(self) -> tuple[type, tuple]:
        return type(self), (self.problems,)

    def restated(self, where: str = "", found: str = "", fix: str | None = None) -> Self:
        """Return itself: each of its problems has words of its own."""
        return self


def resolve_config(
    config: Mapping,
    files: Iterable[str | Path] = (),
    environment: Mapping[str, str] = os.environ,
    project: Path | None = None,
) -> Config:
    """Return the typed configuration that the workflow uses.

    Args:
        config: the merged YAML as Snakemake loaded it.
        files: the YAML files it came from, later ones winning, for line numbers and duplicate keys.
        environment: where ``${VAR}`` and ``${VAR:-default}`` are looked up.
        project: the folder where the files of derived entries must be; None asks for none.

    Raises:
        ConfigError: everything that is wrong, each with its YAML path and line.
    """
    variables.forget()
    places, duplicates = positions(Path(file) for file in files)
    schema = _schema()
    problems = [_duplicate(*duplicate) for duplicate in duplicates]
    broken: list[DiffusionError] = []
    unread: list[DiffusionError] = []
    resolved = _expand(plain(dict(config), (), places, unread), (), environment, broken)
    _fill_project(resolved)
    drop_unset(resolved, schema)
    broken += schema_problems(resolved, schema)
    broken += without_unknown(unread, broken)
    broken += expand_axes(resolved, {problem.where for problem in broken})
    problems += [*broken, *further_problems(resolved, broken, schema), *secret_problems(resolved)]
    whole = _with_stand_ins(resolved, broken)
    typed = None if whole is None else typed_config(whole)
    if typed is not None:
        problems += cross_field_problems(typed)
        problems += _missing_code(typed, project, broken) if project else []
    if problems or typed is None:
        raise ConfigError(_in_order(problems, places))
    variables.keep_out_all(resolved["sources"], environment)
    return _as_written(typed, config)


@cache
def _schema() -> dict:
    schema = load_yaml(SCHEMA.read_text(encoding="utf-8"))
    return schema | {"required": schema["x-required"]}


def _as_written(config: Config, given: Mapping) -> Config:
    """Return a configuration whose sources have their addresses as written, with ``${VAR}``.

    They may be secret by their place: the job that asks replaces what they have.
    """
    sources = dict(config.sources)
    for name, source in sources.items():
        texts = {key: given["sources"][name].get(key) for key in PLACES}
        kept = {k: t for k, t in texts.items() if isinstance(t, str) and VARIABLE.search(t)}
        fetch = msgspec.structs.replace(source.fetch, **kept)
        sources[name] = msgspec.structs.replace(source, fetch=fetch)
    return msgspec.structs.replace(config, sources=sources)


def _missing_code(
    config: Config, project: Path, broken: Iterable[DiffusionError]
) -> list[DiffusionError]:
    """Return the files that are missing, but for entries that a stand-in replaces."""
    replaced = {tuple(problem.where.split(".")[:2]) for problem in broken}
    missing = missing_code(config, project)
    return [p for p in missing if tuple(p.where.split(".")[:2]) not in replaced]


def drop_unset(value: object, schema: Mapping) -> None:
    """Remove in place the keys that are null, which means "not set", at every depth.

    Names that the user chose (a source, a column, a parameter) stay: there, null is a mistake.
    """
    if not isinstance(value, dict):
        return
    schema = branch_of(schema, value)
    extra = schema.get("additionalProperties")
    for key, sub in schema.get("properties", {}).items():
        if key in value and value[key] is None:
            del value[key]
        drop_unset(value.get(key), sub)
    if isinstance(extra, dict):
        for item in value.values():
            drop_unset(item, extra)


def _with_stand_ins(config: Mapping, broken: Iterable[DiffusionError]) -> dict | None:
    """Return a copy with stand-ins for what is broken, so that one run also finds the other errors.

    None when sources or derive are broken as a whole: the rest cannot be checked then.
    """
    whole = copy.deepcopy(dict(config))
    for problem in broken:
        section, _, rest = problem.where.partition(".")
        name = rest.partition(".")[0]
        entries = whole.get(section)
        if section not in ("sources", "derive"):
            whole.pop(section, None)
        elif not isinstance(entries, dict) or name not in entries:
            return None
        elif section == "sources":
            entries[name] = {"from": "file", "url": UNKNOWN, "vintage": UNKNOWN}
        else:
            figure = isinstance(entries[name], dict) and entries[name].get("figure") is True
            entries[name] = {"script": "unset.py", "figure": figure, "inputs": []}
    if "vintage" in config:
        whole.setdefault("vintage", UNKNOWN)
    whole.setdefault("project", {"name": UNKNOWN})
    return whole


def _expand(
    value: Any, path: Key, environment: Mapping[str, str], problems: list[DiffusionError]
) -> Any:
    if isinstance(value, dict):
        return {k: _expand(v, (*path, k), environment, problems) for k, v in value.items()}
    if isinstance(value, list):
        return [_expand(v, (*path, str(i)), environment, problems) for i, v in enumerate(value)]
    if not isinstance(value, str) or not VARIABLE.search(value):
        return value
    where = ".".join(path)
    if not EXPANDED.fullmatch(where):
        places = "storage.url, .raw, .public_url, .endpoint, .region"
        places += " and a source's url, endpoint, region, portal"
        allowed = f"`${{…}}` works in {places}"
        problems.append(OptionError(where, f"found `{value}`", allowed))
        return UNKNOWN

    def replace(match: re.Match[str]) -> str:
        name, default = match[1], match[2]
        if SECRET_NAME.search(name):
            fix = "secrets are never written into the configuration; see `auth:` and `credentials:`"
            problems.append(SecretError(where, f"`${{{name}}}` looks like a secret", fix))
            return UNKNOWN
        if not environment.get(name) and default is None:
            fix = f"export {name}=… , or give a default: ${{{name}:-…}}"
            problems.append(VariableError(where, f"the variable {name} is not set", fix))
            return UNKNOWN
        return variables.expand(match[0], environment)

    return VARIABLE.sub(replace, value)


def _fill_project(config: dict) -> None:
    """Put the project's name where ``storage:`` names its places: ``{project}``."""
    project, storage = config.get("project"), config.get("storage")
    name = project.get("name") if isinstance(project, dict) else None
    if not isinstance(storage, dict) or not isinstance(name, str):
        return
    for key in ("url", "raw", "public_url"):
        if isinstance(storage.get(key), str):
            storage[key] = storage[key].replace("{project}", name)


def _duplicate(path: Key, first: str, second: str) -> DiffusionError:
    found = f"given twice, at {first} and at {second}; YAML would silently keep the last"
    return YamlError(".".join(path), found, "keep one of the two")


def _nearest(problem: DiffusionError, places: Mapping[Key, str]) -> Key:
    """Return the key that a problem is at, or the nearest section above it that a file has."""
    path = tuple(problem.where.split("."))
    while path and path not in places:
        path = path[:-1]
    return path


def _in_order(
    problems: Sequence[DiffusionError], places: Mapping[Key, str]
) -> list[DiffusionError]:
    """Return problems, each with its place, as a reader of the files comes to them."""
    order = {key: number for number, key in enumerate(places)}
    found = sorted(problems, key=lambda problem: order.get(_nearest(problem, places), -1))
    return [_placed(problem, places) for problem in found]


def _placed(problem: DiffusionError, places: Mapping[Key, str]) -> DiffusionError:
    """Add file and line, of the key itself or of the nearest section above it; hide secrets."""
    path = _nearest(problem, places)
    where = f"{problem.where} ({places[path]})" if path else problem.where
    found, fix = (variables.told(text) for text in (problem.found, problem.fix))
    return problem.restated(where, hide(found), fix)
