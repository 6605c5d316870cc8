"""What each reader of a format is given: a raw file, and how it is read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from diffusion.config.reading import Convert, FileRead


@dataclass(frozen=True)
class Given:
    """A raw file, or a member of one.

    Attributes:
        label: how errors name it.
        form: its format.
        convert: what is declared of columns, and which will be in the table.
        place: a folder for copies.
    """

    path: Path
    label: str
    form: str
    read: FileRead
    convert: Convert
    place: Path

    @property
    def encoding(self) -> str:
        """A codec of Python, or ``auto``."""
        return self.read.encoding_of(self.label)

    @property
    def wanted(self) -> Callable[[str], bool]:
        """Whether a column will be in the table, by its name."""
        declared = {spec.source or name for name, spec in self.convert.columns.items()}
        keeps_all, dropped = self.convert.keep == "all", set(self.convert.drop)
        return lambda name: name not in dropped and (keeps_all or name in declared)
