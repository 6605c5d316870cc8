"""From raw columns to the columns of a table: names, null tokens, casts, proofs, order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import msgspec

from diffusion.config.reading import ColumnSpec, Convert, tokens_of
from diffusion.config.remedies import in_line
from diffusion.convert.json.records import struct_sql
from diffusion.convert.null_tokens import WHOLE, is_proven_token, is_whole_sql, trimmed
from diffusion.convert.relation import NESTED, OURS
from diffusion.convert.typed.own_types import (
    BYTES,
    decoded,
    is_nested,
    own_is_null,
    own_tokens,
    own_value,
    text_sql,
)
from diffusion.errors import ColumnsError
from diffusion.tables.proofs import prove_types
from diffusion.tables.spelled import spelled_sql
from diffusion.tables.sql import identifier, literal
from diffusion.tables.types import cast_sql, is_numeric, states_zone

GEOMETRY = ("geometry", "bbox")
MARK = f"{OURS}to be counted"
ZEROS = f"{OURS}begins with a zero"


@dataclass
class Column:
    """One column of a table: where it comes from and what it must become (None: to prove)."""

    name: str
    raw: str
    kind: str | None
    nulls: list[str] = field(default_factory=list)
    spec: ColumnSpec = field(default_factory=ColumnSpec)  # how its values are written
    text: bool = True
    is_number: bool = False  # by the types of the files
    own: str = ""  # the type of DuckDB of what is not text

    @property
    def is_cast(self) -> bool:
        """Can a value fail to be what is declared? Bytes can be no text."""
        is_bytes = self.own == BYTES and self.kind is not None
        return self.kind not in (None, "string", "category") or is_bytes or bool(self.spec.pad)

    @property
    def may_mix_zones(self) -> bool:
        """Can some values state their zone, and others not?"""
        return self.kind == "timestamp" and self.text and not self.spec.forms

    @property
    def may_lose_zeros(self) -> bool:
        """Can a value be text that begins with zeros, which its type leaves out?"""
        return self.text and not self.is_number and is_numeric(self.kind or "")

    @property
    def zone(self) -> str:
        """The column of ``typed_sql`` that tells whether a value states its zone."""
        return f"{OURS}zone of {self.name}"

    @property
    def tokens(self) -> list[str]:
        """The null tokens that a value can be."""
        return self.nulls if self.text else own_tokens(self.nulls, self.own, self.kind)

    def is_token(self, token: str, decimal: str) -> str:
        """SQL that tells whether the raw value is a null token."""
        column = identifier(self.raw)
        if self.text:
            return self._is_listed(column, [token], decimal)
        return own_is_null(column, self.own, [token])

    def _is_listed(self, column: str, tokens: Sequence[str], decimal: str) -> str:
        """SQL that tells whether text is one of some tokens; numbers are compared as numbers."""
        is_listed = f"{trimmed(column)} IN ({', '.join(map(literal, tokens))})"
        if not (self.is_number or is_numeric(self.kind or "")):
            return is_listed
        sign = "." if self.is_number else self.spec.decimal or decimal
        ways = [is_listed, is_whole_sql(trimmed(column), tokens, sign)]
        if self._is_written and (numbers := [t for t in tokens if WHOLE.fullmatch(t)]):
            ways.append(f"{self.typed(decimal, column)} IN ({', '.join(numbers)})")
        return f"({' OR '.join(filter(None, ways))})"

    @property
    def _is_written(self) -> bool:
        """Whether its numbers have more than digits: a null token may have it, too."""
        is_text = self.text and not self.is_number and is_numeric(self.kind or "")
        return is_text and bool(self.spec.thousands or self.spec.unit)

    def value(self, decimal: str = ".") -> str:
        """SQL of the raw value; null tokens turned to NULL, and empty values of text."""
        column = identifier(self.raw)
        if not self.text:
            return own_value(column, self.own, self.tokens, is_declared=self.kind is not None)
        if self._is_written and self.nulls:
            is_null = self._is_listed(column, ["", *self.nulls], decimal)
            return f"CASE WHEN {is_null} THEN NULL ELSE {column} END"
        starts = [f"starts_with({column}, {literal(token)})" for token in self.nulls]
        # most values need no trim: they begin with a visible character, and not as a token does
        plain = " OR ".join([f"{column} NOT BETWEEN '!' AND '~'", *starts])
        is_null = f"({plain}) AND {self._is_listed(column, ['', *self.nulls], decimal)}"
        return f"CASE WHEN {is_null} THEN NULL ELSE {column} END"

    def typed(self, decimal: str, value: str) -> str:
        """SQL that turns ``value`` to the declared type; structs stay JSON text until the end."""
        if self.kind is None:
            return value
        if self.own == BYTES:
            value = decoded(value)
        elif not self.text and (self.kind.startswith(NESTED) or is_nested(self.own)):
            value = f"to_json({value})::VARCHAR"
        elif not self.text or self.is_number:
            value = text_sql(value, self.own)
        spec = msgspec.structs.replace(self.spec, type=self.kind)
        if not self.text or self.is_number:  # as the file itself writes numbers and truth
            plain = {"decimal": None, "thousands": "", "unit": "", "split": ""}
            spec = msgspec.structs.replace(spec, **plain, true_values=[], false_values=[])
            decimal = "."
        return spelled_sql(value, spec, decimal)


def plan_columns(
    found: Sequence[str],
    text: frozenset[str],
    strings: frozenset[str],
    numbers: frozenset[str],
    convert: Convert,
    where: str,
    own: Mapping[str, str] | None = None,
) -> list[Column]:
    """Return the columns of a table made from raw columns, in the order of the file.

    Where declared ones alone are kept, in the order in which they are declared.

    ``text``, ``strings``, ``numbers``: see ``RawTable``. ``own``: types of DuckDB of what is not
    text. Geometries are kept unless ``geometry`` is dropped. Declared columns that are not found
    are left out; ``missing_columns`` lists them.

    Raises:
        DiffusionError: a column is renamed to the name of another.
    """
    columns, renamed, own = [], set(), own or {}
    for name, spec in convert.columns.items():
        raw = spec.source or name
        renamed.add(raw)
        if raw in GEOMETRY and raw in found and raw not in text:
            raise _of_geometries(raw, f"{where}.columns.{name}")
        if raw in found:
            known = (raw in text, raw in numbers, own.get(raw, ""))
            columns.append(Column(name, raw, spec.type, tokens_of(convert, spec), spec, *known))
    taken = {column.name.lower() for column in columns}
    for raw in found:
        is_geometry = raw in GEOMETRY and raw not in text
        if raw in renamed or not _is_kept(raw, is_geometry, convert):
            continue
        if raw.lower() in taken:
            fix = f"give one of them another name, or leave it out: `drop: {in_line([raw])}`"
            raise ColumnsError(f"{where}.columns", f"two columns would be named `{raw}`", fix)
        kind = "string" if raw in strings else None
        known = (raw in text, raw in numbers, own.get(raw, ""))
        columns.append(Column(raw, raw, kind, list(convert.nulls), ColumnSpec(), *known))
    if convert.keep == "all":
        place = {raw: number for number, raw in enumerate(found)}
        columns.sort(key=lambda column: place[column.raw])
    return columns


def _of_geometries(raw: str, where: str) -> ColumnsError:
    found = f"`{raw}` is the column of geometries: it keeps its name and its type"
    fix = "remove it from `columns:`; one of the data that is called so has a `_` after it"
    return ColumnsError(where, found, fix)


def _is_kept(raw: str, is_geometry: bool, convert: Convert) -> bool:
    if is_geometry:
        return "geometry" not in convert.drop
    return convert.keep == "all" and raw not in convert.drop


def typed_sql(
    relation: str, columns: Sequence[Column], decimal: str, others: Sequence[str] = ()
) -> str:
    """Return the SELECT that makes typed columns of raw ones, and marks rows to be counted.

    A row has a mark where a value could not be cast, or is a null token; moments have one that
    tells whether they state their zone.

    Args:
        others: further columns of the relation, to keep as they are.
    """
    # Step by step, as DuckDB computes an expression as often as it is written.
    steps: list[list[str]] = [[identifier(name) for name in others] for _ in range(3)]
    marks, zeros = ["false"], list[str]()
    for number, column in enumerate(columns):
        raw, value, typed = (f'"{OURS}{step} {number}"' for step in ("raw", "value", "typed"))
        steps[0] += [f"{identifier(column.raw)} AS {raw}", f"{column.value(decimal)} AS {value}"]
        steps[1] += [raw, value, f"{column.typed(decimal, value)} AS {typed}"]
        steps[2] += [f"{typed} AS {identifier(column.name)}"]
        if column.may_mix_zones:
            zone = f"CASE WHEN {typed} IS NOT NULL THEN {states_zone(value)} END"
            steps[2].append(f"{zone} AS {identifier(column.zone)}")
        if column.may_lose_zeros:
            zeros.append(begins_with_zero(value))
        if column.is_cast:
            marks.append(f"({typed} IS NULL AND {value} IS NOT NULL)")
        if column.tokens:
            marks.append(f"({value} IS NULL AND {raw} IS NOT NULL)")
    steps[2].append(f"{' OR '.join(marks)} AS {identifier(MARK)}")
    if zeros:
        steps[2].append(f"{' OR '.join(zeros)} AS {identifier(ZEROS)}")
    for step in steps:
        relation = f"SELECT {', '.join(step)} FROM ({relation})"
    return relation


def marks_of(columns: Sequence[Column]) -> list[str]:
    """Return the names of the columns of ``typed_sql`` that are for counts only."""
    zones = [column.zone for column in columns if column.may_mix_zones]
    return [MARK, *[ZEROS] * any(column.may_lose_zeros for column in columns), *zones]


def begins_with_zero(value: str) -> str:
    """SQL that tells whether text begins with a zero and another digit."""
    return f"{value} BETWEEN '00' AND '0:'"  # a colon follows the nine


def final_sql(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[Column],
    decimal: str,
    others: Sequence[str] = (),
) -> tuple[str, dict[str, str]]:
    """Return the SELECT that makes the final columns of typed parts, and the proven types.

    Args:
        relation: SQL with one column for each of ``columns``, under its final name; declared
            scalars typed, the others text.
        others: further columns of it, to keep as they are.
    """
    to_prove = {c.name: identifier(c.name) for c in columns if c.kind is None and c.text}
    numbers = [c.name for c in columns if c.is_number]
    proven = prove_types(con, relation, to_prove, decimal, numbers)
    structs = [c.name for c in columns if c.kind == "struct"]
    made = {name: struct_sql(con, identifier(name), f"({relation})") for name in structs}
    return selected_sql(relation, columns, proven, decimal, others, made), proven


def selected_sql(
    relation: str,
    columns: Sequence[Column],
    proven: Mapping[str, str],
    decimal: str,
    others: Sequence[str] = (),
    structs: Mapping[str, str] | None = None,
) -> str:
    """Return the SELECT of ``final_sql``, its types known.

    Args:
        structs: name → SQL that makes it.
    """
    made = {name: cast_sql(identifier(name), kind, decimal) for name, kind in proven.items()}
    for column in columns:
        if is_null := is_proven_token(column, proven.get(column.name, ""), decimal):
            made[column.name] = f"CASE WHEN {is_null} THEN NULL ELSE {made[column.name]} END"
    made |= structs or {}
    selected = [
        f"{made.get(column.name, identifier(column.name))} AS {identifier(column.name)}"
        for column in columns
    ]
    return f"SELECT {', '.join([*selected, *map(identifier, others)])} FROM ({relation})"
