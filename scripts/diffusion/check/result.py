"""What a check found, in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

ONE = {"are": "is", "do": "does"}


@dataclass(frozen=True)
class Result:
    """One check of one column, or of the whole table.

    Attributes:
        check: the kind, a key of `checks:`.
        column: name of the column; several are joined by ", "; empty for the table.
        level: what a failure means: "error" forbids publishing, "warn" does not.
        passed: whether it holds.
        found: in plain words, with counts.
        failed: values or rows that fail; 0 when the check could not be made at all.
        total: values or rows that were looked at; 0 when the check could not be made at all.
        examples: up to ten, as JSON has them; `row` counts from 1 in the table.
    """

    check: str
    column: str
    level: Literal["error", "warn"]
    passed: bool
    found: str
    failed: int
    total: int
    examples: list[dict]

    @property
    def is_made(self) -> bool:
        """Whether the check could be made at all."""
        return self.passed or self.failed > 0

    def as_warning(self) -> "Result":
        """Return it as one that does not forbid publishing, unless nothing was checked at all."""
        return replace(self, level="warn") if self.is_made else self


def sentence(failed: int, total: int, what: str, verb: str, rest: str) -> str:
    """Say how many of how many ``what`` ``verb`` (are, do) ``rest``."""
    return f"{failed:,} of {total:,} {what} {ONE[verb] if failed == 1 else verb} {rest}"


def result_of(
    check: str, column: str, failed: int, total: int, found: str, examples: Iterable[dict] = ()
) -> Result:
    """Return a result that passes if nothing fails."""
    return Result(check, column, "error", failed == 0, found, failed, total, list(examples))


def inapplicable(check: str, column: str, reason: str) -> Result:
    """Return the failed result of a check that cannot be made."""
    return Result(check, column, "error", False, f"cannot be checked: {reason}", 0, 0, [])
