"""Codes that have lost their zeros in some files: `1001`, a number, beside the text `01001`."""

from collections.abc import Mapping, Sequence

import duckdb

from diffusion.config.reading import ColumnSpec
from diffusion.convert.relation import RawTable
from diffusion.errors import DiffusionError
from diffusion.tables.sql import identifier

WHOLE = frozenset("TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT".split())


def verify_zeros(
    con: duckdb.DuckDBPyConnection,
    raws: Sequence[RawTable],
    declared: Mapping[str, ColumnSpec],
    where: str,
) -> None:
    """Refuse a column that is whole in one file, and text that begins with zeros in another.

    As text, one code would have two forms.

    Args:
        declared: what is said of columns, by their names in the files.

    Raises:
        DiffusionError: names the column, and a file of each.
    """
    whole: dict[str, str] = {}
    for raw in raws:
        whole |= {name: raw.label for name, kind in raw.types.own.items() if kind in WHOLE}
    for raw in raws:
        for name in whole.keys() & {n for n, kind in raw.types.own.items() if kind == "VARCHAR"}:
            spec, column = declared.get(name), identifier(name)
            if spec and (spec.pad or spec.type != "string"):
                continue
            begins = f"regexp_matches({column}, '^0[0-9]')"
            sql = f"SELECT {column} FROM ({raw.sql}) WHERE {begins} LIMIT 1"
            if found := con.execute(sql).fetchone():
                text = found[0]
                what = f"`{name}` is text in {raw.label} (`{text}`), and whole in {whole[name]}, "
                what += "where zeros in front are lost: as text, one code would have two forms"
                fix = f"if all codes have {len(text)} characters, have the zeros put back: "
                fix += (
                    f"`columns: {{{name}: {{type: string, pad: {len(text)}}}}}`; else have files "
                )
                fix += "of one kind each in a source of their own"
                raise DiffusionError(f"{where}.columns", what, fix)
