"""What stands below a table that was made by hand: notes, or a second table.

Both would be rows of it. What may be either is an error that shows the rows, and the keys that
state what they are: ``footer`` is how many rows at the end are left out, 0 that none is.
"""

from collections.abc import Sequence

from diffusion.convert.headers.labels import LETTER, Labels, are_words, is_word
from diffusion.convert.headers.notes import AGAIN, BROKEN, CUT, ENDED, LABEL, LIKELY, NOTE
from diffusion.convert.headers.words import FooterError, named
from diffusion.convert.looks import NUMBER, SECRET, YEAR, kind_of, shape_of
from diffusion.errors import DiffusionError
from diffusion.tables.codes import is_code

KNOWN = 2000  # rows whose first cells are compared
COUNTED = 50  # rows that tell which columns are numbers, and first values of all
CODES = 3  # shapes of codes, such as 01001 and 2A004
MOST = 10  # notes without a word that says so: more are rows that lack values
SHOWN = 5  # rows that an error shows
LONGEST = 70  # characters of each
RARE = 0.05  # rows without any value that chance makes, where a value is missing here and there
ENOUGH = 3  # rows of one column that say what its rows look like


class Below:
    """Looks at the rows of a table, one after the other, for those that may be none.

    Args:
        width: columns of the table.
        section: of the configuration, that has ``footer``.
        names: of the columns.
    """

    def __init__(self, width: int, label: str, section: str, names: Sequence[str] = ()):
        self.width, self.label, self.section = width, label, section
        self.known = names[0].strip().lower() if names else "\n"
        self.rows = self.body = 0  # that hold something; those of the table
        self.start = 0  # the first row after the last one of the table
        self.missing = 0  # cells of the table without a value
        self.lone = self.blank = self.spaced = self.keyless = False
        self.broken: tuple[int, str] | None = None  # what may be the error that ended the file
        self.logs = self.colons = False  # rows have such texts; keys end in colons
        self.noted = False  # rows of the table begin as notes do
        self.block: list[tuple[int, str]] = []  # the last rows, in which only one cell is
        self.labels = Labels()
        self.shapes: set[str] = set()
        self.numbers: list[bool | None] = [None] * width
        self.values: list[set[str]] = [set() for _ in range(width)]  # the first few of each column
        self.numeric = -1  # the first column of numbers
        self.titled = False  # its last rows are a title, after a row without a value
        self.names: tuple[int, int, list[str]] | None = None  # what may be another header
        self.second: tuple[int, int, list[str]] | None = None

    def add(self, number: int, row: Sequence[str]) -> None:
        """Take the next row; ``number``: of the line or the row of the sheet."""
        cells = [cell.strip() for cell in row]
        if not any(cells):
            self.blank = self.body > 0
            return
        self.rows += 1
        if self.second:
            return
        if not self.block and not self.names:
            self.start, self.spaced = self.rows, self.blank
        self.spaced, self.blank = self.spaced or self.blank, False
        filled = [cell for cell in cells if cell]
        self._look_for_errors(number, filled)
        if self.width == 1:
            self._take_only(number, cells)
            return
        is_cut = not self.noted and CUT.fullmatch(cells[0]) is not None
        is_note = is_cut or self._is_labelled(cells, filled)
        if is_note or (len(filled) == 1 and (cells[0] or not self.keyless)):  # a label has a key
            self.block.append((number, " ".join(filled)))
            return
        if self.names and self._has_values(self.names[2], cells):
            self.second = self.names
        self.titled = self.spaced and bool(self.block)
        is_names = not self.names and self._may_be_names(cells)
        self.names = (number, self.start, cells) if is_names else None
        if not is_names:
            self._take(cells, max(0, self.width - len(filled)))

    def _take_only(self, number: int, cells: Sequence[str]) -> None:
        """Take a row of one column: below codes and a blank row, a word begins something else."""
        shape, has_codes = shape_of(cells[0]), bool(self.body) and self._has_codes()
        is_note = (self.spaced or has_codes) and NOTE.fullmatch(cells[0])
        is_other = shape not in self.shapes and LETTER.search(cells[0]) and has_codes
        if is_note or (is_other and self.spaced and self.body >= ENOUGH):
            self.second = (number, self.rows, list(cells))
        self.body, self.spaced = self.body + 1, False
        if self.body <= KNOWN:
            self.shapes.add(shape)

    def _has_codes(self) -> bool:
        """Whether first cells have digits, in few forms."""
        return len(self.shapes) <= CODES and all(not s or "9" in s for s in self.shapes)

    def _look_for_errors(self, number: int, filled: Sequence[str]) -> None:
        is_whole = len(filled) >= self.width
        if self.broken and is_whole:  # rows follow
            self.broken, self.logs = None, True
        is_row = is_whole if self.width > 1 else self.body < ENOUGH
        if not self.logs and not self.broken and BROKEN.fullmatch(filled[0]):
            self.broken, self.logs = (None, True) if is_row else ((number, filled[0]), False)

    def _is_labelled(self, cells: Sequence[str], filled: Sequence[str]) -> bool:
        """Whether a row is a note whose first word, such as `Source :`, has a cell of its own."""
        if len(filled) != 2 or not all(cells[:2]) or self.colons:
            return False
        label = LABEL.fullmatch(cells[0])
        is_value = kind_of(cells[1]) not in ("text", "date", "address")
        return bool(label and (label["colon"] or self.spaced) and not is_value)

    def _take(self, cells: Sequence[str], missing: int) -> None:
        self.noted = self.noted or any(CUT.fullmatch(text) for _, text in self.block)
        self.lone, self.block, self.spaced = self.lone or bool(self.block), [], False
        self.missing += missing
        self.keyless = self.keyless or not cells[0]
        self.colons = self.colons or cells[0].endswith(":")
        self.body += 1
        if self.body <= KNOWN:
            self.shapes.add(shape_of(cells[0]))
            self.labels.add(cells[0])
        if self.body <= COUNTED:
            for at, cell in enumerate(cells[: self.width]):
                if cell and cell.lower() not in SECRET:
                    self.values[at].add(cell)
                    is_number = NUMBER.fullmatch(cell) is not None
                    self.numbers[at] = is_number and self.numbers[at] is not False
            self.numeric = self.numbers.index(True) if True in self.numbers else -1

    def _has_names(self, cells: Sequence[str]) -> bool:
        filled = [cell for cell in cells if cell]
        words = [c for c in filled if not NUMBER.fullmatch(c) and c.lower() not in SECRET]
        is_header = all(c in words or YEAR.fullmatch(c) for c in filled) and len(filled) > 1
        return is_header and (
            any(cell in words and number for cell, number in zip(cells, self.numbers, strict=False))
            or (cells[0] in words and self._is_new(cells[0]))
        )

    def _may_be_names(self, cells: Sequence[str]) -> bool:
        first = cells[0]
        if first.lower() == self.known and self._begins_again(cells):
            return True
        if any(
            cell and cell in seen for cell, seen in zip(cells[1:], self.values[1:], strict=False)
        ):
            return False  # a value that stands in rows above, as `true` does
        if self.spaced and self._has_names(cells):
            return True
        if self.spaced or self.body < ENOUGH or not first or first[0].isdigit():
            return False
        at = self.numeric  # most rows have a number there
        if cells[at][:1].isdigit() if 0 <= at < len(cells) else not self._has_codes():
            return False
        return self._has_names_amid(cells)

    def _has_names_amid(self, cells: Sequence[str]) -> bool:
        """Whether a row has words alone, where those above it have codes or numbers."""
        numbers = [cell for cell, number in zip(cells, self.numbers, strict=False) if number]
        if not all(map(is_word, numbers)) or not are_words(cells):
            return False
        if not self._has_codes():
            return len(numbers) > 1
        is_new = shape_of(cells[0]) not in self.shapes
        return is_new and (bool(numbers) or is_code(cells[0]))

    def _begins_again(self, cells: Sequence[str]) -> bool:
        """Whether a row has the name of the first column in it, and other words beside it."""
        return cells[0].lower() == self.known and self.body > 0 and are_words(cells)

    def _is_new(self, cell: str) -> bool:
        """Whether a first cell is below a title, or looks like no other where those are codes."""
        return self.titled or (self._has_codes() and shape_of(cell) not in self.shapes)

    def _has_values(self, names: Sequence[str], cells: Sequence[str]) -> bool:
        is_other = names[0] and (self._is_new(names[0]) or self._begins_again(names))
        if is_other and [bool(cell) for cell in cells] == [bool(n) for n in names]:
            return True
        return any(
            is_number and name and NUMBER.fullmatch(cell)
            for name, cell, is_number in zip(names, cells, self.numbers, strict=False)
        )

    def verify(self) -> None:
        """Refuse what may be no rows of the table.

        Raises:
            DiffusionError: with the rows, and the keys that state each reading.
        """
        if self.broken:
            number, text = self.broken
            place = f"{named(number, self.section)}: " if number else ""
            raise FooterError(self.label, f"{ENDED}\n  {place}{text[:LONGEST]}", AGAIN)
        if self.second:
            number, start, names = self.second
            what = "another table" if self.width > 1 else "a note, or another table"
            found = f"from {named(number, self.section)} on there seems to be {what}:"
            shown = f"\n  {named(number, self.section)}: {' · '.join(names)[:LONGEST]}"
            second = ""
            if number and self.width > 1:
                second = f", or the second, `{self.section}: {{header: {number}}}`"
            raise self._doubt(found + shown, self.rows - start + 1, "take the first one", second)
        if self.width > 1 and self.body and self._are_notes():
            found = "its last rows may be notes below the table:"
            for number, text in self.block[:SHOWN]:
                place = named(number, self.section) if number else "at the end"
                found += f"\n  {place}: {text[:LONGEST]}"
            raise self._doubt(found, len(self.block), "leave them out")

    def _are_notes(self) -> bool:
        texts = [text for _, text in self.block]
        if any(map(NOTE.fullmatch, texts)):
            return True
        if not self.block or self.lone or len(self.block) > MOST:
            return False
        are_keys = any(shape_of(text) in self.shapes for text in texts)
        if not any(map(LETTER.search, texts)):  # numbers are values, whatever else is missing
            return not are_keys and all(kind_of(text) == "date" for text in texts)
        if self.spaced or any(map(LIKELY.fullmatch, texts)):
            return True
        return not are_keys and self._is_rare and not all(map(self.labels.may_have, texts))

    @property
    def _is_rare(self) -> bool:
        """Whether a row without any value is hardly there by chance."""
        share = self.missing / (self.body * (self.width - 1))
        return self.body * share ** (self.width - 1) < RARE

    def notes(self) -> tuple[str, ...]:
        """Return what is told of a last row that is kept, and has a label and nothing else."""
        if len(self.block) != 1 or self.width < 2 or self.lone or self.body < ENOUGH:
            return ()
        [(_, text)] = self.block
        if not LETTER.search(text) or not self._is_rare:
            return ()
        return (
            f"the last row has `{text[:LONGEST]}` and no other value, and is kept: if it is a "
            f"note, `{self.section}: {{footer: 1}}` leaves it out",
        )

    def _doubt(self, found: str, rows: int, keep: str, other: str = "") -> DiffusionError:
        fix = f"{keep}, `{self.section}: {{footer: {rows}}}`{other}"
        fix += f"\nor state that all are rows of one table, `{self.section}: {{footer: 0}}`"
        return FooterError(self.label, found, fix)
