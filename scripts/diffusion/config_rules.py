"""What the schema cannot say: rules between keys of the configuration."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from diffusion.errors import DiffusionError
from diffusion.partitions import axes_of, count_partitions

NAME = re.compile(r"[a-z][a-z0-9_]*")
SECRET_KEY = re.compile(r"secret|token|password|passwd|api[-_]?key|authorization", re.IGNORECASE)
SECRET_VALUE = re.compile(
    r"AKIA[0-9A-Z]{16}|-----BEGIN|(?:Bearer|Basic)\s+\S{8,}|eyJ[\w-]{10,}\.|gh[pousr]_\w{20,}"
)
USERINFO = re.compile(r"://[^/@\s]+:[^/@\s]+@")


def cross_field_problems(config: Mapping) -> list[DiffusionError]:
    """Return every breach of the rules between keys, for a schema-valid, filled config."""
    problems = [
        *_names(config),
        *_secrets(config, ""),
        *_publishing(config),
        *_derive(config),
    ]
    for name, source in config["sources"].items():
        where = f"sources.{name}"
        problems += _source(where, source, config)
        problems += _axes(where, source)
        problems += _kind(where, source)
    problems += _foreign_keys(config)
    return problems


def _names(config: Mapping) -> Iterator[DiffusionError]:
    for section in ("sources", "derive"):
        for name in config[section]:
            if not NAME.fullmatch(name):
                fix = "names are lower case letters, digits and _, and begin with a letter"
                yield DiffusionError(f"{section}.{name}", "not a valid name", fix)
            if section == "derive" and name in config["sources"]:
                yield DiffusionError(f"derive.{name}", "a source has the same name", "rename one")


def _source(where: str, source: Mapping, config: Mapping) -> Iterator[DiffusionError]:
    if not source["vintage"] and not config["vintage"]:
        fix = 'write the date of the data, quoted: vintage: "2025-03-19" (here or at the top)'
        yield DiffusionError(f"{where}.vintage", "missing", fix)
    for axis, values in source["partitions"].items():
        if not NAME.fullmatch(axis):
            yield DiffusionError(
                f"{where}.partitions.{axis}", "not a valid name", "use [a-z][a-z0-9_]*"
            )
        for index, value in enumerate(values):
            if value.startswith(".") or re.search(r"[\x00-\x1f]", value):
                fix = "a value must not begin with a dot or hold control characters"
                yield DiffusionError(f"{where}.partitions.{axis}.{index}", f"found {value!r}", fix)
    if source["sha256"] and count_partitions(source) > 1:
        fix = "pin the hashes of several partitions in the lock: `snakemake write_lock`"
        yield DiffusionError(f"{where}.sha256", "one hash for several partitions", fix)
    if source["partition_by"] and source["keep_members"]:
        fix = "both would publish a folder of the same name; keep one of the two"
        yield DiffusionError(f"{where}.partition_by", "set together with keep_members", fix)
    declared = set(source["columns"])
    if source["keep"] == "declared":
        for key in ("sort_by", "partition_by"):
            for column in source[key]:
                if column not in declared:
                    fix = f"declare it under {where}.columns, or `keep: all`"
                    yield DiffusionError(f"{where}.{key}", f"`{column}` is not kept", fix)


def _axes(where: str, source: Mapping) -> Iterator[DiffusionError]:
    """Axes that are used must be declared, and declared ones used."""
    templates = {key: source[key] for key in ("url", "params", "body", "member")}
    used: set[str] = set()
    for key, template in templates.items():
        for axis in sorted(axes_of(template)):
            used.add(axis)
            if axis not in source["partitions"]:
                known = ", ".join(source["partitions"]) or "none"
                fix = f'declare it: partitions: {{{axis}: ["…"]}} (declared axes: {known})'
                yield DiffusionError(f"{where}.{key}", f"uses {{{axis}}}, which is no axis", fix)
    for axis in source["partitions"]:
        if axis not in used:
            fix = f"write {{{axis}}} in url or params, or every partition would hold the same data"
            yield DiffusionError(f"{where}.partitions.{axis}", "the axis is used nowhere", fix)


def _kind(where: str, source: Mapping) -> Iterator[DiffusionError]:
    """URL scheme and options must belong to the kind of source."""
    kind, url = source["from"], source["url"]
    is_s3, is_http = url.startswith("s3://"), url.startswith(("http://", "https://"))
    if (kind == "s3") != is_s3:
        fix = "an s3:// URL goes with `from: s3`, and `from: s3` with an s3:// URL"
        yield DiffusionError(f"{where}.url", f"found `{url}` with `from: {kind}`", fix)
    elif kind == "api" and not is_http:
        yield DiffusionError(
            f"{where}.url", f"found `{url}`", "an API has an http:// or https:// URL"
        )
    elif "://" in url and not (is_s3 or is_http):
        yield DiffusionError(
            f"{where}.url", f"found `{url}`", "allowed: http://, https://, s3://, a path"
        )
    elif is_s3 and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+/.+", url):
        yield DiffusionError(f"{where}.url", f"found `{url}`", "write s3://bucket/key")
    if source["members"] == "many" and kind not in ("archive", "s3"):
        yield DiffusionError(f"{where}.members", f"`many` with `from: {kind}`", "only for archives")
    if source["keep_members"] and kind != "archive":
        yield DiffusionError(
            f"{where}.keep_members", f"set with `from: {kind}`", "only for archives"
        )
    if kind != "api" and source["pages"]["style"] != "none":
        yield DiffusionError(f"{where}.pages", f"set with `from: {kind}`", "only APIs have pages")
    keys = source["credentials"]
    if bool(keys["access_key_env"]) != bool(keys["secret_key_env"]):
        fix = "name both variables, access_key_env and secret_key_env"
        yield DiffusionError(f"{where}.credentials", "one of the two keys is missing", fix)


def _secrets(value: object, where: str) -> Iterator[DiffusionError]:
    fix = (
        "put it in an environment variable and name that: `auth: {env: NAME}`; then change the key"
    )
    if isinstance(value, dict):
        for key, item in value.items():
            path = f"{where}.{key}".lstrip(".")
            named = re.search(r"\.(headers|params|body)$", where) and SECRET_KEY.search(key)
            if named and isinstance(item, str) and item:
                yield DiffusionError(path, "looks like a secret", fix)
            else:
                yield from _secrets(item, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _secrets(item, f"{where}.{index}")
    elif isinstance(value, str) and (SECRET_VALUE.search(value) or USERINFO.search(value)):
        yield DiffusionError(where, "looks like a secret", fix)


def _publishing(config: Mapping) -> Iterator[DiffusionError]:
    entries = {
        f"{section}.{name}": entry["publish_as"] or name
        for section in ("sources", "derive")
        for name, entry in config[section].items()
    }
    for key, count in Counter(entries.values()).items():
        if count > 1:
            who = [where for where, value in entries.items() if value == key]
            found = f"{' and '.join(who)} would both be published as `{key}`"
            yield DiffusionError(f"{who[-1]}.publish_as", found, "give one of them another name")
        if key == "manifest":
            who = [where for where, value in entries.items() if value == key]
            yield DiffusionError(
                f"{who[0]}.publish_as", "`manifest` is taken", "choose another name"
            )
    url, raw = (config["storage"][key].rstrip("/") + "/" for key in ("url", "raw"))
    if url.startswith(raw) or raw.startswith(url):
        fix = "raw copies are kept for ever and not for readers: give them a place of their own"
        yield DiffusionError("storage.raw", f"`{raw}` and `{url}` overlap", fix)


def _derive(config: Mapping) -> Iterator[DiffusionError]:
    tables = set(config["sources"]) | {n for n, d in config["derive"].items() if not d["figure"]}
    for name, entry in config["derive"].items():
        where = f"derive.{name}"
        if bool(entry["sql"]) == bool(entry["script"]):
            yield DiffusionError(
                where, "needs exactly one of `sql` and `script`", "write one of them"
            )
        if entry["figure"] and entry["sql"]:
            yield DiffusionError(
                f"{where}.figure", "set with `sql`", "a figure is drawn by a script"
            )
        for key in ("sql", "script"):
            if entry[key] and not re.fullmatch(r"[A-Za-z0-9_]+\.(sql|py)", entry[key]):
                fix = "write the name of a file in scripts/derive/, e.g. dpe_par_commune.sql"
                yield DiffusionError(f"{where}.{key}", f"found `{entry[key]}`", fix)
        for index, wanted in enumerate(entry["inputs"]):
            if wanted not in tables or wanted == name:
                known = ", ".join(sorted(tables - {name}))
                yield DiffusionError(
                    f"{where}.inputs.{index}", f"`{wanted}` is no table", f"tables: {known}"
                )
    yield from _cycles(config["derive"])


def _cycles(derive: Mapping) -> Iterator[DiffusionError]:
    done: set[str] = set()
    while ready := [
        n for n in derive if n not in done and not (set(derive[n]["inputs"]) & derive.keys()) - done
    ]:
        done.update(ready)
    left = sorted(derive.keys() - done)
    if left:
        fix = "an entry cannot need itself, not even through others"
        yield DiffusionError(f"derive.{left[0]}.inputs", f"a circle: {', '.join(left)}", fix)


def _foreign_keys(config: Mapping) -> Iterator[DiffusionError]:
    for name, source in config["sources"].items():
        for column, target in source["checks"]["foreign_keys"].items():
            table = target.split(".")[0]
            if table not in config["sources"] or table == name:
                fix = f"tables: {', '.join(sorted(config['sources'].keys() - {name}))}"
                where = f"sources.{name}.checks.foreign_keys.{column}"
                yield DiffusionError(where, f"`{table}` is no other source", fix)
    for name, entry in config["derive"].items():
        for column, target in entry["checks"]["foreign_keys"].items():
            if target.split(".")[0] not in entry["inputs"]:
                fix = f"inputs: {', '.join(entry['inputs'])}"
                where = f"derive.{name}.checks.foreign_keys.{column}"
                yield DiffusionError(
                    where, f"`{target.split('.')[0]}` is not among its inputs", fix
                )
