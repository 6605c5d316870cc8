"""Lines of CSV that stand whole in the cells of one column: nobody cut them."""

from collections.abc import Sequence

from diffusion.errors import WorkbookError

SIGNS = ";\t|"


class LinesInCells:
    """Looks at the rows of a sheet of one column, one after the other.

    Args:
        names: of its columns.
    """

    def __init__(self, names: Sequence[str]):
        self._name = names[0] if len(names) == 1 else ""
        self._sign = next((sign for sign in SIGNS if sign in self._name), "")
        self._rows, self._alike = 0, bool(self._sign)

    def add(self, row: Sequence[str]) -> None:
        """Take the next row that holds something."""
        self._rows += 1
        count = self._name.count(self._sign) if self._sign else 0
        self._alike = self._alike and row[0].count(self._sign) == count

    def verify(self, label: str, header: int) -> None:
        """Refuse a sheet all of whose cells are lines of CSV.

        Args:
            header: the row that has the names.

        Raises:
            DiffusionError: with the key that takes them as they are.
        """
        if self._alike and self._rows > 1:
            found = f"its only column holds lines of CSV, `{self._name[:70]}`, that nobody cut"
            fix = "ask its publisher for that CSV, or for cells; to take each line as it is, "
            raise WorkbookError(label, found, f"{fix}`xlsx: {{header: {header}}}`")
