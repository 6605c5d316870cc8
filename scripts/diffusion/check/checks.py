"""What must hold before a table is published: counted, with examples, in plain words."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from diffusion.check.conditions import CONDITIONS
from diffusion.check.counting import count
from diffusion.check.declarations import better_declaration, declaration_for_some
from diffusion.check.outcome import place
from diffusion.check.own import Version, own_results
from diffusion.check.plain import plain
from diffusion.check.recorded import (
    doubled_results,
    overlap_results,
    partition_results,
    recorded,
)
from diffusion.check.result import Result, inapplicable, result_of, sentence
from diffusion.check.subject import EXAMPLES, CheckError, Condition, Table
from diffusion.config.checking import Checks
from diffusion.tables.engine import engine
from diffusion.tables.limits import Limits

KINDS = tuple(name for name in Checks.__struct_fields__ if name != "warn")
OUTCOME = {"error": "failed", "warn": "warned"}


def run_checks(
    table: Path,
    checks: Checks,
    others: Mapping[str, Path],
    limits: Limits,
    before: Version | None = None,
) -> list[Result]:
    """Check a table; memory does not grow with it.

    Args:
        table: a Parquet or GeoParquet file.
        checks: the section `checks:` of the entry.
        others: name → Parquet file of the tables that `foreign_keys` and `sql` refer to.
        limits: what the job may use.
        before: what is published of the table, for `sql`; None if nothing is.

    Returns:
        The results in the order of the section; a check that cannot be made (no such column, bad
        regular expression) is a failed result that gives the reason.
    """
    with engine(limits) as connection:
        subject = Table(connection, table)
        results = [
            *_required(subject, checks.required),
            *(_unique(subject, key) for key in checks.keys),
            *_values(subject, checks),
            _rows(subject, *checks.rows),
            *_cast_failures(subject, checks.cast_failures),
            *_geometry(subject, checks),
            *partition_results(subject, checks.partitions),
            *overlap_results(subject, checks.overlap),
            *doubled_results(subject, checks.doubled),
            *_foreign_keys(subject, checks.foreign_keys, others),
            *own_results(subject, checks.sql, others, before, next(iter(checks.keys), ())),
        ]
    warn = set(checks.warn)
    return [result.as_warning() if result.check in warn else result for result in results]


def summary(results: Iterable[Result]) -> dict:
    """Return the results as JSON has them, under `status` (passed, warned, failed) and `counts`."""
    results = list(results)
    counts = {"passed": 0, "warned": 0, "failed": 0}
    for result in results:
        counts["passed" if result.passed else OUTCOME[result.level]] += 1
    status = next((key for key in ("failed", "warned") if counts[key]), "passed")
    return {"status": status, "counts": counts, "results": [asdict(result) for result in results]}


def explain(results: Iterable[Result]) -> str:
    """Return the failed checks as text for a log, errors first; empty when all passed."""
    failed = sorted((r for r in results if not r.passed), key=lambda r: r.level)
    lines = []
    for result in failed:
        column = f" `{result.column}`" if result.column else ""
        lines.append(f"{result.level}: {result.check}{column}: {result.found}")
        lines += [f"    {_shown(example)}" for example in result.examples[:3]]
    return "\n".join(lines)


def _shown(example: Mapping) -> str:
    if "reason" in example:
        text = example["reason"]
    elif "values" in example:
        text = ", ".join(f"{name} = {_json(value)}" for name, value in example["values"].items())
    else:
        text = _json(example["value"])
    times = f" ({example['count']:,} times)" if example.get("count", 1) > 1 else ""
    return f"{place(example)}: {text}{times}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _required(table: Table, names: Iterable[str]) -> Iterator[Result]:
    for name in names:
        try:
            table.column(name)
            yield result_of("required", name, 0, 1, "the column is there")
        except CheckError as problem:
            yield result_of("required", name, 1, 1, str(problem))


def _unique(table: Table, names: list[str]) -> Result:
    label = ", ".join(names)
    try:
        failed, keys, examples = table.duplicates([table.column(name) for name in names])
    except CheckError as problem:
        return inapplicable("unique", label, str(problem))
    more = f" ({keys:,} repeated key{'s' if keys > 1 else ''})" if keys else ""
    found = sentence(failed, table.rows, "rows", "are", "duplicated") + more
    return result_of("unique", label, failed, table.rows, found, examples)


def _values(table: Table, checks: Checks) -> list[Result]:
    """The checks of single values, in as few scans as may be."""
    conditions: list[Condition] = []
    results: list[Result] = []
    for kind, make in CONDITIONS.items():
        rules = getattr(checks, kind)
        for name in rules:
            try:
                rule = rules[name] if isinstance(rules, Mapping) else None
                conditions.append(make(table.column(name), rule))
            except CheckError as problem:
                results.append(inapplicable(kind, name, str(problem)))
    results += _counted(table, conditions)
    return sorted(results, key=lambda result: KINDS.index(result.check))


def _counted(table: Table, conditions: list[Condition]) -> list[Result]:
    try:
        counts = count(table, conditions)
    except CheckError as problem:
        if len(conditions) == 1:
            return [inapplicable(conditions[0].check, conditions[0].column.name, str(problem))]
        # one of them cannot run: run each on its own to find it
        return [result for condition in conditions for result in _counted(table, [condition])]
    results = []
    for condition, (failed, total) in zip(conditions, counts, strict=True):
        examples = table.examples(condition) if failed else []
        found = sentence(failed, total, "values", *condition.words)
        name = condition.column.name
        results.append(result_of(condition.check, name, failed, total, found, examples))
    return results


def _rows(table: Table, fewest: int | None, most: int | None) -> Result:
    short = max(0, (fewest or 0) - table.rows)
    over = max(0, table.rows - most) if most is not None else 0
    wanted = f"at least {fewest:,}" if short else f"at most {most:,}" if over else ""
    found = f"the table has {table.rows:,} row{'' if table.rows == 1 else 's'}"
    found += f"; {wanted} wanted" if wanted else ""
    return result_of("rows", "", short + over, table.rows, found)


def _cast_failures(table: Table, share: float) -> Iterator[Result]:
    """What the conversion recorded in the table's own metadata, one result a column."""
    casts = recorded(table).get("cast_failures", {})
    if not casts:
        yield result_of("cast_failures", "", 0, 0, "no value is recorded as unreadable")
    for name, cast in sorted(casts.items()):
        failed, total = cast["failed"], cast["values"]
        found = f"{failed:,} of {total:,} values could not be read as the column's type"
        found += f" (at most {share * 100:g}% may)" if share else " (none may)"
        examples = [e | {"value": plain(e["value"])} for e in cast["examples"][:EXAMPLES]]
        if failed == total and name == "geometry":  # `geometry` of the data would be `geometry_`
            found = "no value could be read as a geometry: see `geometry.from`"
        elif failed and name in table.columns:  # one that is published has its columns
            declared = (name, table.columns[name].type, [e["value"] for e in cast["examples"]])
            if failed == total:
                found = f"no value is of the declared type: {better_declaration(*declared)}"
            elif hint := declaration_for_some(*declared):
                found += f"; {hint}"
        result = result_of("cast_failures", name, failed, total, found, examples)
        yield replace(result, passed=failed / max(total, 1) <= share)


def _geometry(table: Table, checks: Checks) -> Iterator[Result]:
    """Two checks, so that accepting rows without a geometry lets no invalid one through."""
    if b"geo" in table.metadata:
        from diffusion.check.geometry import geometry_results  # shapely only where it is needed

        yield from geometry_results(table, checks.valid_geometry, checks.missing_geometry)
        return
    given = {"valid_geometry": not checks.valid_geometry}
    given["missing_geometry"] = checks.missing_geometry is not None
    for check in (name for name, is_given in given.items() if is_given):
        reason = f"the table has no geometry, so that `{check}` has no effect"
        yield inapplicable(check, "", reason)


def _foreign_keys(table: Table, keys: Mapping, others: Mapping[str, Path]) -> Iterator[Result]:
    for number, (name, target) in enumerate(keys.items()):
        other_name, other_column = target.split(".", 1)
        try:
            if other_name not in others:
                raise CheckError(f"no table `{other_name}` was given")
            other = table.beside(others[other_name], f"other{number}", f"`{other_name}`")
            failed, distinct, total, examples = table.orphans(name, other, other_column)
        except CheckError as problem:
            yield inapplicable("foreign_keys", name, str(problem))
            continue
        found = sentence(failed, total, "values", "do", f"not exist in {target}")
        found += f" ({distinct:,} distinct)" if failed else ""
        yield result_of("foreign_keys", name, failed, total, found, examples)
