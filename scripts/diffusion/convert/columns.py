"""From raw columns to the columns of a table: names, null tokens, casts, proofs, order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from diffusion.config.reading import NUMBER_FORMATS, ColumnSpec, Convert, tokens_of
from diffusion.config.remedies import in_line
from diffusion.convert.null_tokens import WHOLE, is_whole_sql, trimmed
from diffusion.convert.relation import NESTED, OURS, Types
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
from diffusion.tables.spelled import spelled_sql
from diffusion.tables.sql import identifier, literal
from diffusion.tables.types import is_numeric

GEOMETRY = ("geometry", "bbox")


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
    def takes_decimal(self) -> bool:
        """Can the decimal separator of the source be in its values? They are text, and numbers."""
        if not self.text or self.is_number or self.spec.decimal:
            return False
        is_number = self.kind is not None and is_numeric(
            self.kind.removeprefix("list[").rstrip("]")
        )
        return self.kind is None or is_number or bool({*self.spec.forms} & {*NUMBER_FORMATS})

    def sign(self, decimal: str) -> str:
        """The decimal separator of its texts, where ``decimal`` is that of the source."""
        return "." if self.is_number else self.spec.decimal or decimal

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
        ways = [is_listed, is_whole_sql(trimmed(column), tokens, self.sign(decimal))]
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
        # most values need no trim: they begin with a visible character, and not as a token does;
        # a WHEN of its own, as DuckDB works out both sides of an AND for all of them
        others = [f"NOT starts_with({column}, {literal(token)})" for token in self.nulls]
        plain = " AND ".join([f"{column} BETWEEN '!' AND '~'", *others])
        is_null = self._is_listed(column, ["", *self.nulls], decimal)
        return f"CASE WHEN {plain} THEN {column} WHEN {is_null} THEN NULL ELSE {column} END"

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


def plan_columns(found: Sequence[str], types: Types, convert: Convert, where: str) -> list[Column]:
    """Return the columns of a table made from raw columns, in the order of the file.

    Where declared ones alone are kept, in the order in which they are declared.

    ``types``: of all files. Geometries are kept unless ``geometry`` is dropped. Declared columns
    that are not found are left out; ``missing_columns`` lists them.

    Raises:
        DiffusionError: a column is renamed to the name of another.
    """
    columns, declared = [], set()
    for name, spec in convert.columns.items():
        raw = spec.source or name
        declared.add(raw)
        if raw in GEOMETRY and raw in found and raw not in types.text:
            raise _of_geometries(raw, f"{where}.columns.{name}")
        if raw in found:
            columns.append(_column(name, raw, spec.type, spec, types, convert))
    taken = {column.name.lower() for column in columns}
    for raw in found:
        is_geometry = raw in GEOMETRY and raw not in types.text
        if raw in declared or not _is_kept(raw, is_geometry, convert):
            continue
        if raw.lower() in taken:
            fix = f"give one of them another name, or leave it out: `drop: {in_line([raw])}`"
            raise ColumnsError(f"{where}.columns", f"two columns would be named `{raw}`", fix)
        kind = "string" if raw in types.strings else None
        columns.append(_column(raw, raw, kind, ColumnSpec(), types, convert))
    if convert.keep == "all":
        place = {raw: number for number, raw in enumerate(found)}
        columns.sort(key=lambda column: place[column.raw])
    return columns


def _column(
    name: str, raw: str, kind: str | None, spec: ColumnSpec, types: Types, convert: Convert
) -> Column:
    known = (raw in types.text, raw in types.numbers, types.own.get(raw, ""))
    return Column(name, raw, kind, tokens_of(convert, spec), spec, *known)


def _of_geometries(raw: str, where: str) -> ColumnsError:
    found = f"`{raw}` is the column of geometries: it keeps its name and its type"
    fix = "remove it from `columns:`; one of the data that is called so has a `_` after it"
    return ColumnsError(where, found, fix)


def _is_kept(raw: str, is_geometry: bool, convert: Convert) -> bool:
    if is_geometry:
        return "geometry" not in convert.drop
    return convert.keep == "all" and raw not in convert.drop
