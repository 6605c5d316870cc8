"""How texts and sheets are read: which rows are the table, and which of them have its names."""

from typing import Literal, Self

import msgspec

from diffusion.base.globs import matches
from diffusion.config.parts import Section


class Rows(Section):
    """Which rows of a text or a sheet are its table, and which of them have its names."""

    header: int | list[int] | dict[str, int | list[int]] | None = None
    footer: int | dict[str, int] | None = None
    names: list[str] = []

    @property
    def header_rows(self) -> list[int]:
        """The rows that have names, from top to bottom; none if that is not stated, or 0."""
        if isinstance(self.header, list):
            return sorted(filter(None, self.header))
        return [self.header] if isinstance(self.header, int) and self.header else []

    @property
    def header_row(self) -> int | None:
        """The last row that has names, 0 for none; None if that is not stated."""
        return max(self.header_rows, default=0) if self.header is not None else None

    def of(self, name: str) -> Self:
        """Return what is stated of one file: its header, where that is stated by name."""
        if not isinstance(self.header, dict):
            return self
        stated = (rows for glob, rows in self.header.items() if matches(name, glob))
        return msgspec.structs.replace(self, header=next(stated, None))

    def footer_of(self, name: str) -> int | None:
        """How many rows at the end of a file are left out; None if that is not stated for it."""
        if not isinstance(self.footer, dict):
            return self.footer
        return next((rows for glob, rows in self.footer.items() if matches(name, glob)), None)


class Csv(Rows):
    delimiter: str | None = None
    quote: str = '"'
    escape: str = ""
    encoding: str = "auto"
    decimal: Literal[".", ","] = "."
    comment: str = ""
    trim: bool = False
    pad: bool = False
    repeat: int = 0


class Xlsx(Rows):
    sheet: str | None = None
    sheets: Literal["all"] | list[str] = []
    sheet_column: str = "sheet"
    range: str = ""
