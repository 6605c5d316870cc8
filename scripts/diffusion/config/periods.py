"""Periods of time as values of an axis: days, weeks, months, quarters, years.

They are written as ISO 8601 has them (``2020-01-31``, ``2020-W05``, ``2020-01``, ``2020``), and
quarters as INSEE and Eurostat do (``2020-Q1``).
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

FORMS = {
    "day": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "week": re.compile(r"(\d{4})-W(\d{2})"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "year": re.compile(r"\d{4}"),
}
SPELLINGS = "2020-01-31, 2020-W05, 2020-01, 2020-Q1, 2020"
# with which a vintage begins, such as 2025-03-19b, 2025-03 or 2025-Q1
LEADING = [FORMS["day"].pattern + r"(?!\d)"]
LEADING += [FORMS[kind].pattern + "(?=[A-Za-z]|$)" for kind in ("week", "quarter", "month", "year")]
MONTHS_OF_QUARTER = 3


@dataclass(frozen=True)
class Period:
    """A period: its ``kind``, its first day, and the first day after it."""

    kind: str
    first: datetime.date
    next: datetime.date

    @property
    def last(self) -> datetime.date:
        """Its last day."""
        return self.next - datetime.timedelta(days=1)

    def __str__(self) -> str:
        if self.kind == "week":
            year, week, _ = self.first.isocalendar()
            return f"{year:04d}-W{week:02d}"
        if self.kind == "quarter":
            return f"{self.first.year:04d}-Q{(self.first.month - 1) // MONTHS_OF_QUARTER + 1}"
        length = {"day": 10, "month": 7, "year": 4}[self.kind]
        return self.first.isoformat()[:length]


def parse_period(text: str) -> Period:
    """Return the period that a text names.

    Raises:
        ValueError: it names none.
    """
    kind = next((kind for kind, form in FORMS.items() if form.fullmatch(text)), "")
    if kind == "day":
        return period_of(datetime.date.fromisoformat(text), kind)
    if kind == "week":
        year, week = map(int, text.split("-W"))
        return period_of(datetime.date.fromisocalendar(year, week, 1), kind)
    if kind == "quarter":
        year, quarter = map(int, text.split("-Q"))
        return period_of(datetime.date(year, (quarter - 1) * MONTHS_OF_QUARTER + 1, 1), kind)
    if kind:
        year, month = map(int, f"{text}-01".split("-")[:2])
        return period_of(datetime.date(year, month, 1), kind)
    raise ValueError(f"`{text}` is no period")


def period_of(day: datetime.date, kind: str) -> Period:
    """Return the period of a kind that holds a day."""
    if kind == "day":
        return Period(kind, day, day + datetime.timedelta(days=1))
    if kind == "week":
        monday = day - datetime.timedelta(days=day.weekday())
        return Period(kind, monday, monday + datetime.timedelta(days=7))
    length = {"month": 1, "quarter": MONTHS_OF_QUARTER, "year": 12}[kind]
    months = (day.year * 12 + day.month - 1) // length * length
    return Period(kind, _month(months), _month(months + length))


def periods(first: datetime.date, last: datetime.date, kind: str) -> Iterator[Period]:
    """Yield the periods of a kind from the one that holds a day to the one that holds another."""
    period = period_of(first, kind)
    while period.first <= last:
        yield period
        period = period_of(period.next, kind)


def period_of_vintage(vintage: str) -> Period | None:
    """Return the day, or longer period, with which the name of a vintage begins; None if none."""
    found = next(filter(None, (re.match(form, vintage) for form in LEADING)), None)
    try:
        return parse_period(found[0]) if found else None
    except ValueError:
        return None


def is_older(vintage: str, other: str) -> bool:
    """Say whether a vintage is certainly of an earlier day than another, by their names."""
    own, others = period_of_vintage(vintage), period_of_vintage(other)
    return own is not None and others is not None and own.last < others.first


def _month(months: int) -> datetime.date:
    return datetime.date(months // 12, months % 12 + 1, 1)
