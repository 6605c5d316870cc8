"""The configuration: environment expanded, defaults filled, everything wrong said at once."""

import copy
import datetime
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from diffusion.config_rules import cross_field_problems
from diffusion.config_schema import schema_problems
from diffusion.errors import DiffusionError
from diffusion.yaml_positions import Key, positions

SCHEMA = Path(__file__).parents[2] / "workflow" / "schemas" / "config.schema.yaml"
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|ACCESS_KEY|API_KEY", re.IGNORECASE)
EXPANDED = re.compile(r"storage\.(url|raw|endpoint|region)|sources\.[^.]+\.(url|endpoint|region)")


class ConfigError(DiffusionError):
    """All that is wrong in the configuration, one entry a problem."""

    def __init__(self, problems: list[DiffusionError]):
        self.problems = problems
        count = f"{len(problems)} error{'s' if len(problems) > 1 else ''}"
        super().__init__("configuration", count + "\n\n" + "\n\n".join(map(str, problems)))

    def __reduce__(self):
        return type(self), (self.problems,)


def resolve_config(
    config: Mapping, files: Iterable[str | Path] = (), environment: Mapping = os.environ
) -> dict:
    """Return the full configuration that the workflow uses.

    Args:
        config: the merged YAML as Snakemake loaded it.
        files: the YAML files it came from, for line numbers and duplicate keys.
        environment: where ``${VAR}`` and ``${VAR:-default}`` are looked up.

    Raises:
        ConfigError: everything that is wrong, each with its YAML path and line.
    """
    places, duplicates = positions(Path(file) for file in files)
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    resolved = _plain(copy.deepcopy(dict(config)))
    problems = [_duplicate(path, place) for path, place in duplicates]
    resolved = _expand(resolved, (), environment, problems)
    problems += schema_problems(resolved, schema)
    if not problems:
        fill_defaults(resolved, schema)
        problems += cross_field_problems(resolved)
    if problems:
        raise ConfigError([_placed(problem, places) for problem in problems])
    return _inherit(resolved)


def fill_defaults(value: object, schema: Mapping) -> None:
    """Fill the schema's defaults in place, at every depth; a null section counts as absent."""
    if not isinstance(value, dict):
        return
    properties = schema.get("properties", {})
    for key, sub in properties.items():
        if value.get(key) is None:
            value[key] = copy.deepcopy(sub.get("default"))
        fill_defaults(value[key], sub)
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        for key in value.keys() - properties.keys():
            fill_defaults(value[key], extra)


def _inherit(config: dict) -> dict:
    """Give each source and derived entry the project's vintage and licence where it has none."""
    for name, entry in [*config["sources"].items(), *config["derive"].items()]:
        entry["licence"] = entry["licence"] or config["project"]["licence"]
        entry["publish_as"] = entry["publish_as"] or name
    for source in config["sources"].values():
        source["vintage"] = source["vintage"] or config["vintage"]
        source["columns"] = {
            name: {"type": "string", "from": None, "nulls": [], "format": None}
            | ({"type": given} if isinstance(given, str) else given)
            for name, given in source["columns"].items()
        }
    return config


def _plain(value: object) -> object:
    """YAML reads an unquoted 2025-03-19 as a date; everyone means the text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _expand(value: object, path: Key, environment: Mapping, problems: list) -> object:
    if isinstance(value, dict):
        return {k: _expand(v, (*path, k), environment, problems) for k, v in value.items()}
    if isinstance(value, list):
        return [_expand(v, (*path, str(i)), environment, problems) for i, v in enumerate(value)]
    if not isinstance(value, str) or not VARIABLE.search(value):
        return value
    where = ".".join(path)
    if not EXPANDED.fullmatch(where):
        allowed = "`${…}` works in storage.url, .raw, .endpoint, .region and a source's url, endpoint, region"
        problems.append(DiffusionError(where, f"found `{value}`", allowed))
        return value

    def replace(match: re.Match) -> str:
        name, default = match[1], match[2]
        if SECRET_NAME.search(name):
            fix = "secrets are never written into the configuration; see `auth:` and `credentials:`"
            problems.append(DiffusionError(where, f"`${{{name}}}` looks like a secret", fix))
        elif name not in environment and default is None:
            fix = f"export {name}=… , or give a default: ${{{name}:-…}}"
            problems.append(DiffusionError(where, f"the variable {name} is not set", fix))
        return environment.get(name) or default or "unset"

    return VARIABLE.sub(replace, value)


def _duplicate(path: Key, place: str) -> DiffusionError:
    found = f"the key stands twice ({place}); YAML would silently keep the last"
    return DiffusionError(".".join(path), found, "keep one of the two")


def _placed(problem: DiffusionError, places: Mapping[Key, str]) -> DiffusionError:
    """Add file and line, of the key itself or of the nearest section above it."""
    path = tuple(problem.where.split("."))
    while path and path not in places:
        path = path[:-1]
    where = f"{problem.where} ({places[path]})" if path else problem.where
    return DiffusionError(where, problem.found, problem.fix)
