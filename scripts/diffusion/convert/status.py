"""Why values are missing: a column beside theirs, with the reasons that null tokens stand for."""

from collections.abc import Sequence
from dataclasses import dataclass

from diffusion.config.reading import ColumnSpec, Convert, reasons_of
from diffusion.config.remedies import in_line
from diffusion.convert.columns import Column
from diffusion.errors import ColumnsError
from diffusion.tables.sql import literal

SUFFIX = "_status"


@dataclass(kw_only=True)
class StatusColumn(Column):
    """Why values of another column are missing; null where there is one, or no reason is known.

    Attributes:
        of: that column.
        reasons: token → what it stands for.
    """

    of: Column
    reasons: dict[str, str]

    @property
    def tokens(self) -> list[str]:
        """None: they are those of the other column, where they are counted."""
        return []

    def value(self, decimal: str = ".") -> str:
        """SQL of the reason of the raw value."""
        cases = " ".join(
            f"WHEN {self.of.is_token(token, decimal)} THEN {literal(reason)}"
            for token, reason in self.reasons.items()
            if token in self.of.tokens
        )
        return f"CASE {cases} END" if cases else "NULL::VARCHAR"


def status_names(convert: Convert) -> list[str]:
    """Return the names of the columns that ``status`` makes."""
    return [name + SUFFIX for name in convert.status]


def with_status(columns: Sequence[Column], convert: Convert, where: str) -> list[Column]:
    """Return columns with one behind each that ``status`` names, called ``NAME_status``.

    Raises:
        DiffusionError: the data have a column of that name, which is kept under it.
    """
    names = {column.name.lower() for column in columns}
    all_: list[Column] = []
    for column in columns:
        all_.append(column)
        if column.name not in convert.status:
            continue
        name = column.name + SUFFIX
        if name.lower() in names:
            renamed = in_line({f"{name}_": {"from": name}})
            fix = f"give one of them another name: `columns: {renamed}`"
            raise ColumnsError(f"{where}.status", f"the data have a column `{name}`", fix)
        reasons = reasons_of(convert, column.spec)
        made = StatusColumn(
            name, column.raw, "string", [], ColumnSpec(), of=column, reasons=reasons
        )
        all_.append(made)
    return all_
