"""The variables of a file of SAS, Stata or SPSS: their values, and what was seen of them."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from diffusion.config.remedies import in_line
from diffusion.convert.statistics.formats import DAY, NUMBER, TO_1970, Meaning
from diffusion.errors import StatisticsError

Series: TypeAlias = Any  # of pandas, which only pyreadstat imports
EXACT = 2**53  # beyond it, not every whole number is a float
MOST_DAYS, MOST_SECONDS = 3_000_000, 2.5e11  # some 8,000 years from 1970
KINDS = {"day": pa.date32(), "moment": pa.timestamp("us"), "time": pa.string()}
PERIOD_MONTHS = {"month": 1, "quarter": 3, "half-year": 6}
WHOLE_TYPES = ("int8", "int16", "int32")
SHOWN = 5  # codes of missing values
MOST_TOLD = 2_000  # signs of a note
DECLARED = "values that their author declared missing, in place of which the table has none"
CUT = "days with a time of day, which is left out"
NO_CODE = "numbers, as not all values are of the number of digits that their format shows"


@dataclass
class Variable:
    """A variable, and what was seen of its values so far.

    Attributes:
        storage: its type by the file: string, double, float, int8, int16, int32.
        missing: values, or ranges, that its author declared to be none.
        labels: of values, as they are stored; ``has_labels``: whether they are asked for.
        codes: of values that are none, and how many there are.
        is_whole: whether all values are whole numbers; ``is_code``: whether all of them are within
            the digits of its format; ``unlabelled``: how many values have no label;
            ``labelled``: values that have one.
        cut: how many days had a time of day.
    """

    name: str
    storage: str
    system: str
    meaning: Meaning = NUMBER
    missing: Sequence[Mapping] = ()
    labels: Mapping = field(default_factory=dict)
    has_labels: bool = False
    codes: Counter = field(default_factory=Counter)
    is_whole: bool = True
    is_code: bool = True
    is_empty: bool = True
    unlabelled: int = 0
    labelled: set = field(default_factory=set)
    cut: int = 0

    @property
    def is_text(self) -> bool:
        return self.storage == "string"

    @property
    def is_plain(self) -> bool:
        """Whether its values are numbers, of whatever format."""
        return not self.is_text and self.meaning.kind in ("number", "code")

    @property
    def kind(self) -> pa.DataType:
        """The type in which its values wait."""
        if self.is_text:
            return pa.string()
        if self.is_plain:
            return pa.float32() if self.storage == "float" else pa.float64()
        return KINDS.get(self.meaning.kind, pa.date32())

    def arrays(self, given: Series, label: str) -> list[pa.Array]:
        """Return the values of a chunk, and their labels if these are asked for.

        Raises:
            DiffusionError: a number is no date.
        """
        values = self._texts(given) if self.is_text else self._numbers(given)
        labels = [self._labels(values)] if self.has_labels else []
        self.is_empty &= bool(values.isna().all())
        if self.is_text:
            return [pa.array(values, pa.string()), *labels]
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        if self.is_plain:
            self._look(numbers)
            return [pa.array(numbers, pa.float64(), from_pandas=True).cast(self.kind), *labels]
        return [self._moments(numbers, label), *labels]

    def _texts(self, given: Series) -> Series:
        for one in self.missing:
            is_none = given == one["lo"]
            self.codes.update({str(one["lo"]): int(is_none.sum())} if is_none.any() else {})
            given = given.mask(is_none)
        return given.mask(given == "")

    def _numbers(self, given: Series) -> Series:
        """Return numbers without those that stand for none: letters, and what is declared."""
        if given.dtype.kind not in "iuf":
            letters = given[given.map(lambda value: isinstance(value, str))]
            self.codes.update(f".{letter}" for letter in letters)
            given = given.mask(given.index.isin(letters.index)).astype("float64")
        for one in self.missing:
            low, high = one["lo"], one["hi"]
            if isinstance(low, str):
                continue
            is_none = (given >= low) & (given <= high)
            self.codes.update(map(_plain, given[is_none]))
            given = given.mask(is_none)
        return given

    def _labels(self, values: Series) -> pa.Array:
        labels = values.map(self.labels)
        self.unlabelled += int((labels.isna() & values.notna()).sum())
        self.labelled.update(values[labels.notna()].unique())
        return pa.array(labels.astype(object).where(labels.notna(), None), pa.string())

    def twins(self) -> list[str]:
        """Return the labels that several values have, with these."""
        codes: dict[str, list[str]] = {}
        for value, label in self.labels.items():
            if value in self.labelled:
                codes.setdefault(label, []).append(value if self.is_text else _plain(value))
        return [f"{label} ({', '.join(of)})" for label, of in codes.items() if of[1:]]

    def _look(self, numbers: np.ndarray) -> None:
        known = numbers[~np.isnan(numbers)]
        if self.is_whole:
            self.is_whole = bool(((known == np.floor(known)) & (np.abs(known) < EXACT)).all())
        if self.meaning.digits and self.is_code:
            most = 10.0**self.meaning.digits
            self.is_code = self.is_whole and bool(((known >= 0) & (known < most)).all())

    def _moments(self, numbers: np.ndarray, label: str) -> pa.Array:
        kind, system = self.meaning.kind, self.system
        if kind == "time":
            if self.meaning.is_of_day:
                self._refuse(numbers, (numbers < 0) | (numbers >= DAY), label)
            return pa.array([_clock(n / self.meaning.scale) for n in numbers.tolist()], pa.string())
        if kind not in ("day", "moment"):
            return self._within(_first_days(kind, numbers), MOST_DAYS, label, self.kind)
        if kind == "moment":
            seconds = numbers / self.meaning.scale - TO_1970[system] * DAY
            # to a millionth, as the files have it, and no further
            return self._within(np.round(seconds, 6), MOST_SECONDS, label, self.kind, 1_000_000)
        days = numbers / DAY if system == "spss" else numbers
        whole = np.floor(days)
        self.cut += int((whole < days).sum())
        return self._within(whole - TO_1970[system], MOST_DAYS, label, self.kind)

    def _within(
        self, numbers: np.ndarray, most: float, label: str, kind: pa.DataType, scale: int = 1
    ) -> pa.Array:
        self._refuse(numbers, np.abs(numbers) > most, label)
        is_none = np.isnan(numbers)
        whole = np.round(np.where(is_none, 0, numbers) * scale).astype("int64")
        stored = pa.int32() if kind == pa.date32() else pa.int64()
        return pa.array(whole, stored, mask=is_none).cast(kind)

    def _refuse(self, numbers: np.ndarray, beyond: np.ndarray, label: str) -> None:
        if beyond.any():
            kind = "time of a day" if self.meaning.is_of_day else self.meaning.kind
            found = f"`{self.name}` is a {kind} by its format, and has "
            found += f"{numbers[beyond][0]:.10g}, which is none"
            fix = f"take its numbers as they are: `columns: {{{in_line(self.name)}: float}}`"
            raise StatisticsError(label, found, fix)


def _plain(value: float) -> str:
    return f"{value:g}" if abs(value) < EXACT and value == math.floor(value) else repr(value)


def _clock(seconds: float) -> str | None:
    """Return a time of a day, or a duration, as text: 09:30:00, 30:05:00, -01:00:00."""
    if math.isnan(seconds):
        return None
    micros = round(abs(seconds) * 1_000_000)
    minutes, rest = divmod(micros, 60_000_000)
    shown = f"{'-' if seconds < 0 else ''}{minutes // 60:02}:{minutes % 60:02}"
    whole, part = divmod(rest, 1_000_000)
    return f"{shown}:{whole:02}" + (f".{part:06}".rstrip("0") if part else "")


def _first_days(kind: str, numbers: np.ndarray) -> np.ndarray:
    """Return the first day of each period, from 1970; periods count from that of 1960-01-01."""
    is_none = np.isnan(numbers)
    whole = np.where(is_none, 0, np.clip(numbers, -1e6, 1e6)).astype("int64")
    if kind == "week":  # each year has 52 of them, from its first day on
        years, weeks = np.divmod(whole, 52)
        days = (years - 10).astype("datetime64[Y]").astype("datetime64[D]").astype("int64")
        return np.where(is_none, np.nan, days + 7 * weeks)
    months = whole * PERIOD_MONTHS[kind] - 120
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype("int64")
    return np.where(is_none, np.nan, days)


def told_of(variables: Iterable[Variable]) -> list[str]:
    """Return what readers should know of variables, once all of their values were seen."""
    told: dict[str, list[str]] = {}
    for one in variables:
        name = f"`{one.name}`"
        if one.codes:
            listed = [f"{n:,} × {code}" for code, n in one.codes.most_common(SHOWN)]
            listed += ["…"] if len(one.codes) > SHOWN else []
            told.setdefault(DECLARED, []).append(f"{name} ({', '.join(listed)})")
        if one.cut:
            told.setdefault(CUT, []).append(f"{name} ({one.cut:,})")
        if one.meaning.told and not one.is_text:
            told.setdefault(one.meaning.told, []).append(name)
        if one.meaning.digits and not one.is_code:
            told.setdefault(NO_CODE, []).append(f"{name} ({one.meaning.digits})")
    return [f"{words}: {_listed(names)}" for words, names in told.items()]


def _listed(words: Sequence[str]) -> str:
    shown = "; ".join(words)
    return shown if len(shown) <= MOST_TOLD else f"{shown[:MOST_TOLD]}…"
