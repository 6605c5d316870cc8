"""Rules of `derive:` that the schema cannot say."""

from collections.abc import Iterator, Mapping

from diffusion.config.names import FILE, is_query
from diffusion.config.schema import did_you_mean
from diffusion.errors import DiffusionError


def derive_problems(config: Mapping) -> Iterator[DiffusionError]:
    """Yield what is wrong in the derived entries of a schema-valid, filled config."""
    tables = set(config["sources"]) | {n for n, d in config["derive"].items() if not d["figure"]}
    for name, entry in config["derive"].items():
        yield from _code(f"derive.{name}", entry)
        for index, wanted in enumerate(entry["inputs"]):
            if wanted not in tables and wanted != name:
                what = "is a figure, not a table" if wanted in config["derive"] else "is no table"
                known = sorted(tables - {name})
                fix = f"{did_you_mean(wanted, known)}Tables: {', '.join(known)}"
                yield DiffusionError(f"derive.{name}.inputs.{index}", f"`{wanted}` {what}", fix)
    yield from _circles(config["derive"])


def _code(where: str, entry: Mapping) -> Iterator[DiffusionError]:
    if bool(entry["sql"]) == bool(entry["script"]):
        found = "found both" if entry["sql"] else "found none"
        yield DiffusionError(where, found, "write one of `sql: …` and `script: …`")
    if entry["figure"] and entry["sql"]:
        yield DiffusionError(f"{where}.figure", "set with `sql`", "a figure is drawn by a script")
    for key, end in (("sql", "sql"), ("script", "py")):
        given = entry[key]
        if not given or (key == "sql" and is_query(given)):
            continue
        if not (FILE.fullmatch(given) and given.endswith(f".{end}")):
            fix = f"write the name of a file in scripts/derive/, e.g. my_table.{end} (or its path)"
            yield DiffusionError(f"{where}.{key}", f"found `{given}`", fix)


def _circles(derive: Mapping) -> Iterator[DiffusionError]:
    done: set[str] = set()
    while ready := [
        n for n in derive if n not in done and not (set(derive[n]["inputs"]) & derive.keys()) - done
    ]:
        done.update(ready)
    left = [name for name in derive if name not in done]
    if left:  # each of them needs another one of them: follow until one comes back
        path = [left[0]]
        while path[-1] not in path[:-1]:
            path.append(next(n for n in derive[path[-1]]["inputs"] if n in left))
        circle = path[path.index(path[-1]) :]
        fix = "an entry cannot need itself, not even through others"
        yield DiffusionError(f"derive.{circle[0]}.inputs", f"a circle: {' ← '.join(circle)}", fix)
