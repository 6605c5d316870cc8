"""Rules for `derive:` that the schema cannot express."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from diffusion.config.model import Config, DerivedTable, Figure
from diffusion.config.names import FILE, derive_file, is_query
from diffusion.config.schema import did_you_mean
from diffusion.errors import DiffusionError, NoFileError, OptionError


def derive_problems(config: Config) -> Iterator[DiffusionError]:
    """Yield what is wrong in the derived entries of a schema-valid config."""
    derived = {n for n, d in config.derive.items() if isinstance(d, DerivedTable)}
    tables = derived | config.sources.keys()
    for name, entry in config.derive.items():
        yield from _code(f"derive.{name}", entry)
        for index, wanted in enumerate(entry.inputs):
            if wanted not in tables and wanted != name:
                what = "is a figure, not a table" if wanted in config.derive else "is not a table"
                known = sorted(tables - {name})
                fix = f"{did_you_mean(wanted, known)}Tables: {', '.join(known)}"
                yield OptionError(f"derive.{name}.inputs.{index}", f"`{wanted}` {what}", fix)
    yield from _cycles(config.derive)


def _code(where: str, entry: DerivedTable | Figure) -> Iterator[DiffusionError]:
    sql = entry.derive.sql if isinstance(entry, DerivedTable) else None
    script = entry.derive.script if isinstance(entry, DerivedTable) else entry.draw.script
    if bool(sql) == bool(script):
        found = "found both" if sql else "found none"
        yield OptionError(where, found, "write one of `sql: …` and `script: …`")
    if script and isinstance(entry, DerivedTable) and entry.derive.engine == "spark":
        fix = "write the query as `sql: …`, or leave `engine` out"
        yield OptionError(f"{where}.engine", "`spark` runs `sql:`, and no script", fix)
    for key, given, end in (("sql", sql, "sql"), ("script", script, "py")):
        if not given or (key == "sql" and is_query(given)):
            continue
        if not (FILE.fullmatch(given) and given.endswith(f".{end}")):
            fix = f"write the name of a file in scripts/derive/, e.g. my_table.{end} (or its path)"
            yield OptionError(f"{where}.{key}", f"found `{given}`", fix)


def missing_code(config: Config, project: Path) -> Iterator[DiffusionError]:
    """Yield the derived entries whose SQL or Python file does not exist in a project's folder."""
    for name, entry in config.derive.items():
        is_sql = isinstance(entry, DerivedTable) and entry.derive.sql
        key, end = ("sql", ".sql") if is_sql else ("script", ".py")
        if FILE.fullmatch(entry.code) and entry.code.endswith(end):
            yield from no_file(f"derive.{name}.{key}", entry.code, project)


def no_file(where: str, code: str, project: Path) -> Iterator[DiffusionError]:
    """Yield that there is no such file, if there is none, with those that are beside it."""
    path = derive_file(project, code)
    if not path.is_file():
        known = sorted(p.name for p in path.parent.glob(f"*{path.suffix}"))
        found = f"there is no file {path.relative_to(project)}"
        fix = did_you_mean(path.name, known) + f"files there: {', '.join(known) or 'none'}"
        yield NoFileError(where, found, fix)


def _cycles(derive: Mapping[str, DerivedTable | Figure]) -> Iterator[DiffusionError]:
    done: set[str] = set()
    while ready := [
        n for n in derive if n not in done and not (set(derive[n].inputs) & derive.keys()) - done
    ]:
        done.update(ready)
    unresolved = [name for name in derive if name not in done]
    if unresolved:  # each of them needs another one of them: follow until one comes back
        path = [unresolved[0]]
        while path[-1] not in path[:-1]:
            path.append(next(n for n in derive[path[-1]].inputs if n in unresolved))
        cycle = path[path.index(path[-1]) :]
        fix = "an entry cannot need itself, not even through others"
        yield OptionError(f"derive.{cycle[0]}.inputs", f"a circle: {' ← '.join(cycle)}", fix)
