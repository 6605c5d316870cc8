"""Codes that lost digits before their file was made, as a spreadsheet opened it: told loudly.

`01001` is 1001 where it was taken for a number, 1001.0 where it stood beside gaps in pandas, and
`35200013600011` shows as 3.52E+13. What is known of a code by its name alone tells: how long it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.tables.codes import is_code, parts_of
from diffusion.tables.rows import Watcher
from diffusion.tables.texts import bytes_of

# a part of a name → characters of such a code
LONG = {"insee": 5, "codgeo": 5, "depcom": 5, "postal": 5, "codepostal": 5, "cp": 5}
DEPARTMENTS = ("dep", "departement", "dept")
CORSICA = ("2A", "2B")
FRENCH = r"^(2A|2B|97[1-6]|69[DM])$"  # which says that departments are those of France
LONG |= {"siren": 9, "finess": 9, "epci": 9, "siret": 14}
LONG |= {"zip": 5, "zipcode": 5, "postalcode": 5, "plz": 5, "fips": 5, "istat": 6, "procom": 6}
# postcodes of 4 digits are others' own
ABROAD = frozenset("postal codepostal cp zip zipcode postalcode plz".split())
OTHER = frozenset("region reg departement dep dept canton ct arr arrondissement zone state".split())
EXPONENT = r"^\d([.,]\d+)?[eE]\+\d\d\d?$"
DECIMAL = r"^\d+[.,]0$"  # of a whole number


@dataclass
class _Seen:
    """What came of a column: codes that are whole, begin with a zero, are one short, or shown.

    ``decimals``: those that are written as decimals, of ``values`` in all, as long as all are.
    """

    column: Column
    length: int
    may_be_abroad: bool = False
    whole: bool = False
    zeros: bool = False
    short: int = 0
    shown: int = 0
    values: int = 0
    decimals: int = 0
    is_french: bool = True
    example: str = ""
    exponent: str = ""
    decimal: str = ""

    def add(self, values: pa.Array) -> None:
        if pa.types.is_floating(values.type):
            whole = pc.cast(values, pa.int64(), safe=False)  # as pandas has codes beside gaps
            values = whole if pc.all(pc.equal(whole, values)).as_py() else values
        if pa.types.is_integer(values.type):
            values = pc.cast(values, pa.string())
        if not pa.types.is_string(values.type):
            return
        # patterns, as Arrow compares with a value of Python's by pandas, which it would import
        if not self.is_french:
            self.is_french = bool(pc.any(pc.match_substring_regex(values, FRENCH)).as_py())
        if self.length:
            self._add_lengths(values)
        if self.decimals == self.values:  # all so far: else it is not asked for
            self.values += len(values) - values.null_count
            whole = values.filter(pc.match_substring_regex(values, DECIMAL))
            self.decimals += len(whole)
            self.decimal = self.decimal or (whole[0].as_py() if len(whole) else "")
        if b"+" in bytes_of(values):
            shown = values.filter(pc.match_substring_regex(values, EXPONENT))
            self.shown += len(shown)
            self.exponent = self.exponent or (shown[0].as_py() if len(shown) else "")

    def _add_lengths(self, values: pa.Array) -> None:
        if self.may_be_abroad and not self.zeros:
            whole = values.filter(pc.match_substring_regex(values, f"^.{{{self.length}}}$"))
            self.whole |= len(whole) > 0
            self.zeros = bool(pc.any(pc.starts_with(whole, pattern="0")).as_py())
        ends = pc.min_max(pc.binary_length(values))
        if not (ends["min"].as_py() or 0) < self.length <= (ends["max"].as_py() or 0) + 1:
            return  # none is one short
        digits = rf"^[1-9]\d{{{self.length - 2}}}$"
        short = values.filter(pc.match_substring_regex(values, digits))
        self.short += len(short)
        self.example = self.example or (short[0].as_py() if len(short) else "")

    def alerts(self) -> Iterator[str]:
        name = self.column.name
        if self.shown:
            yield (
                f"`{name}`: codes that are numbers as a spreadsheet shows them, whose other digits "
                f"are lost: {self.shown:,}, such as `{self.exponent}`; ask for another file"
            )
        if self.decimals and self.decimals == self.values:
            yield (
                f"`{name}`: codes that are written as decimals, such as `{self.decimal}`, as "
                f"programs write whole numbers beside gaps: `columns: {{{self._padded()}}}` puts "
                "them right"
            )
        is_ours = not self.may_be_abroad or (self.whole and not self.zeros)
        if self.short and is_ours and self.is_french:
            yield (
                f"`{name}`: codes of {self.length - 1} digits, where such codes have "
                f"{self.length}: {self.short:,}, such as `{self.example}`; zeros in front were "
                f"lost, it seems: `columns: {{{self._padded()}}}` puts them back"
            )

    def _padded(self) -> str:
        """Return how a column is declared whose codes are as long as they are to be."""
        spec = {"from": self.column.raw} if self.column.raw != self.column.name else {}
        length: object = [2, 3] if self.length == len(CORSICA[0]) else self.length or 1
        return in_line({self.column.name: spec | {"type": "string", "pad": length}})[1:-1]


class LostDigits(Watcher):
    """Looks at columns of codes."""

    def __init__(self, columns: Iterable[Column]):
        self._columns = [c for c in columns if is_code(c.name) or is_code(c.raw)]

    def begin(self, schema: pa.Schema) -> None:
        self._seen = [_seen(column) for column in self._columns]

    def look(self, batch: pa.RecordBatch) -> None:
        for seen in self._seen:
            seen.add(batch[seen.column.name])

    def alerts(self) -> list[str]:
        return [alert for seen in self._seen for alert in seen.alerts()]


def _seen(column: Column) -> _Seen:
    if column.spec.pad:
        return _Seen(column, 0)
    may_be_abroad = not ABROAD.isdisjoint(parts_of(column.name))
    if "".join(parts_of(column.raw)).removeprefix("code") in DEPARTMENTS:
        return _Seen(column, len(CORSICA[0]), may_be_abroad, is_french=False)
    return _Seen(column, length_of(column.raw), may_be_abroad)


def length_of(name: str) -> int:
    """Return how long codes are in a column of this name; 0 where that is not known."""
    parts: Sequence[str] = parts_of(name)
    lengths = [LONG[part] for part in parts if part in LONG]
    return lengths[0] if lengths and OTHER.isdisjoint(parts) else 0
