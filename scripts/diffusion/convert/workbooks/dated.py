"""Cells that are dates in columns of texts: how a spreadsheet made them, and what is told of it."""

import datetime
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from diffusion.config.reading import NUMBER_FORMATS, Convert
from diffusion.config.remedies import in_line
from diffusion.convert.workbooks.cells import Moment, Noted, Numeric
from diffusion.errors import ValuesError

ISO = re.compile(r"%Y-(%m-%d|%d-%m)( %H:%M:%S)?")  # how cells that are dates are written
BY_NUMBERS = re.compile(r"%-?d.%-?m|%-?m.%-?d")
DIGIT = re.compile(r"\d")
MOST = 12  # months, and days that can be taken for one


@dataclass
class Dated:
    """A column with declared formats, and what its cells say of the order of day and month.

    A workbook that was opened with the settings of another country has dates where both orders are
    possible, with day and month exchanged, and texts where one is.

    Attributes:
        dates, texts: cells that both orders read, and texts that only one reads.
        other: whether a cell shows that nothing was exchanged.
    """

    name: str
    forms: list[str]
    is_moment: bool
    label: str
    dates: int = 0
    texts: int = 0
    other: bool = False
    shown: dict[str, str] = field(default_factory=dict)

    def spelled(self, cell: str, row: int) -> str:
        """Return a cell as its declared format would have it, which is for texts.

        Raises:
            DiffusionError: no format holds it.
        """
        if not isinstance(cell, Moment):
            self._take_text(cell)
            return cell
        moment = datetime.datetime.fromisoformat(cell)
        self._take_date(moment, cell, row)
        if stated := next(filter(None, map(ISO.fullmatch, self.forms)), None):
            rest = stated[2] or ""
            return cell if self.is_moment and not rest else moment.strftime("%Y-%m-%d" + rest)
        for text in map(moment.strftime, self.forms):
            read = [back for form in self.forms if (back := _read(text, form)) is not None]
            if all(self._is(back, moment) for back in read):
                return text
        found = f"`{self.name}` of row {row} is a date, {cell}, which `{self.forms[0]}` does not "
        fix = f"remove the format: `columns: {{{in_line(self.name)}: …}}` reads dates as they are"
        raise ValuesError(self.label, found + "hold", fix)

    def notes(self) -> tuple[str, ...]:
        """Return what is told of cells that are dates.

        Raises:
            DiffusionError: their days and months may be exchanged.
        """
        if "date" not in self.shown or any(map(ISO.fullmatch, self.forms)):
            return ()
        if self.other or not (self.dates and self.texts):
            return (f"`{self.name}` has cells that are dates: its `format` is for the others",)
        found = f"`{self.name}` has cells that are dates, all of a day up to {MOST} "
        found += f"({self.shown['date']}), and texts that are all of a later day "
        found += f"(`{self.shown['text']}`): a spreadsheet may have exchanged day and month of the "
        time = " %H:%M:%S" if self.is_moment else ""
        ways = [
            f'{end}: `formats: ["{self.forms[0]}", "{form}{time}"]`'
            for end, form in (("exchanged them", "%Y-%d-%m"), ("did not", "%Y-%m-%d"))
        ]
        fix = "compare one of the dates with its source, and write in place of `format`, if it "
        fix += f"{ways[0]}; if it {ways[1]}"
        raise ValuesError(self.label, found + "dates", fix)

    def _is(self, read: datetime.datetime, moment: datetime.datetime) -> bool:
        return read == moment or (not self.is_moment and read.date() == moment.date())

    def _take_date(self, moment: datetime.datetime, cell: str, row: int) -> None:
        self.other |= moment.day > MOST
        self.dates += moment.day != moment.month
        self.shown.setdefault("date", f"row {row}: {cell}")

    def _take_text(self, cell: str) -> None:
        if self.other or not cell:
            return
        read = {back.day for form in self.forms if (back := _read(cell.strip(), form)) is not None}
        self.texts += bool(read)
        self.other |= any(day <= MOST for day in read)
        self.other |= not any(map(BY_NUMBERS.search, self.forms))
        self.shown.setdefault("text", cell)


class Mixed:
    """Which columns without a format hold cells that are dates, and others with digits.

    And which have numbers of which something is to be told.
    """

    def __init__(self, names: Sequence[str]):
        self._names = names
        self._dates, self._texts = Counter[int](), dict[int, str]()
        self._shown: dict[int, str] = {}
        self._noted: dict[int, str] = {}
        self._units: dict[int, set[str]] = {}

    def take(self, columns: Sequence[Sequence[str]]) -> None:
        """Take some rows, column by column."""
        for at, cells in enumerate(columns):
            kinds = Counter(map(type, cells))
            if kinds[Numeric] or kinds[Noted]:
                units = {c.unit for c in cells if isinstance(c, Numeric) and c not in ("0", "")}
                self._units.setdefault(at, set()).update(units)
            if dates := kinds[Moment]:
                self._dates[at] += dates
                first = next(cell for cell in cells if type(cell) is Moment)
                self._shown.setdefault(at, first)
            if kinds[Noted] and at not in self._noted:
                self._noted[at] = next(cell.note for cell in cells if isinstance(cell, Noted))
            if (kinds[str] or kinds[Numeric] or kinds[Noted]) and at not in self._texts:
                texts = (c for c in cells if type(c) is not Moment and DIGIT.search(c))
                if text := next(texts, ""):
                    self._texts[at] = text

    def notes(self) -> tuple[str, ...]:
        """Return what is told of them."""
        units = ((at, _of_units(units)) for at, units in sorted(self._units.items()))
        noted = [*sorted(self._noted.items()), *((at, note) for at, note in units if note)]
        dated = [
            (
                at,
                f"has cells that are dates ({count:,}, such as {self._shown[at]}) among others "
                f"(`{self._texts[at]}`): a spreadsheet may have made dates of other texts",
            )
            for at, count in sorted(self._dates.items())
            if at in self._texts
        ]
        return tuple(f"`{self._names[at]}` {note}" for at, note in [*noted, *dated])


def _of_units(units: Collection[str]) -> str:
    """Return what is told of a column whose numbers are shown in several units."""
    if "%" in units and len(units) > 1:
        return "has numbers that are shown as percentages (12 % is 0.12) among others that are not"
    if len(several := sorted(set(units) - {""})) > 1:
        listed = ", ".join(f"`{unit}`" for unit in several[:MOST])
        return f"has numbers that are shown in several units, which are not read: {listed}"
    return ""


def _read(text: str, form: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(text, form.replace("%-", "%")).replace(tzinfo=None)
    except ValueError:
        return None


def dated_columns(names: Sequence[str], convert: Convert, label: str) -> dict[int, Dated]:
    """Return the columns that have formats of dates, by their places."""
    declared = {
        spec.source or name: (spec.forms, spec.type == "timestamp")
        for name, spec in convert.columns.items()
        if spec.forms and not set(spec.forms) & {*NUMBER_FORMATS}
    }
    return {
        at: Dated(name, *declared[name], label) for at, name in enumerate(names) if name in declared
    }
