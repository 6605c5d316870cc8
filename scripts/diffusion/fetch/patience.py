"""How long to try again: so many failures, and so many minutes where a server asks to wait."""

import email.utils
import random
import time
from collections.abc import Mapping

import requests
import tenacity

LONGEST = 60.0  # seconds between two tries, where the server does not say how long
TRANSIENT_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
REMAINING = ("X-RateLimit-Remaining", "RateLimit-Remaining", "X-Rate-Limit-Remaining")
RESET = ("X-RateLimit-Reset", "RateLimit-Reset", "X-Rate-Limit-Reset")
AN_EPOCH = 10_000_000  # a reset in more seconds than these is a time, not a span


class TransientStatus(Exception):
    """A status that may pass: 5xx, or one that asks to wait (202, 429, 403 by quota)."""

    def __init__(
        self, status: int, words: str, retry_after: float | None, *, asks_to_wait: bool = False
    ):
        super().__init__(f"HTTP {status}: {words}" if words else f"HTTP {status}")
        self.retry_after, self.asks_to_wait = retry_after, asks_to_wait


class Patience:
    """Between the tries of one request: how often it failed, and how long it has waited."""

    def __init__(self, retries: int, minutes: float):
        self.retries, self.budget = retries, 60 * minutes
        self.failed = self.refused = 0
        self.waited = 0.0  # seconds, because the server asked to

    def wait(self, state: tenacity.RetryCallState) -> float:
        """Return the seconds before the next try, once after each that failed."""
        error = error_of(state)
        if asks_to_wait(error):
            self.refused += 1
        else:
            self.failed += 1
        after = getattr(error, "retry_after", None)
        tries = self.refused if asks_to_wait(error) else self.failed
        doubled = min(LONGEST, 2.0 ** min(tries - 1, 10)) + random.random()  # noqa: S311 # nosec
        return doubled if after is None else after

    def stop(self, state: tenacity.RetryCallState) -> bool:
        """Say whether the last failure is final."""
        error = error_of(state)
        if asks_to_wait(error):
            self.waited += state.upcoming_sleep
            return self.waited > self.budget
        return self.failed > self.retries or (getattr(error, "retry_after", 0) or 0) > self.budget

    def told(self, error: BaseException | None, seconds: float) -> str:
        """Return what is done about a failure, for the log."""
        if not asks_to_wait(error):
            return f"trying again in {seconds:.1f} s"
        return f"trying again in {seconds:.1f} s (waits at most {self.budget / 60:g} minutes)"

    def gave_up(self, error: BaseException) -> tuple[str, str]:
        """Return why the last failure is final, and what to do."""
        after = getattr(error, "retry_after", None)
        if after and after > self.budget:
            return (
                f"; the server asks to wait {after:,.0f} s",
                "what was received is kept; run `snakemake` again after that time",
            )
        if asks_to_wait(error):
            return (
                f" (waited {self.budget / 60:g} minutes)",
                "what was received is kept; run `snakemake` again later, or raise `wait_minutes`",
            )
        return (
            f" (tried {self.failed} times)",
            "what was received is kept; run `snakemake` again later to go on",
        )


def error_of(state: tenacity.RetryCallState) -> BaseException | None:
    """Return the error of the last try."""
    return state.outcome.exception() if state.outcome else None


def asks_to_wait(error: BaseException | None) -> bool:
    """Say whether a server has asked to wait; that counts in minutes, not in tries."""
    return isinstance(error, TransientStatus) and error.asks_to_wait


def is_quota(response: requests.Response) -> bool:
    """Say whether a status means that too much was asked: 429, or 403 with nothing remaining."""
    if response.status_code == 429:
        return True
    headers = response.headers
    return response.status_code == 403 and (
        _first(headers, REMAINING) == "0" or "Retry-After" in headers
    )


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return how long a server asks to wait: by ``Retry-After``, or until its quota is renewed."""
    after = _retry_after(headers.get("Retry-After"))
    reset = _first(headers, RESET)
    if after is not None or not reset or not reset.isdecimal():
        return after
    seconds = float(reset)
    return max(1.0, seconds - time.time()) if seconds > AN_EPOCH else max(1.0, seconds)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((headers[name].strip() for name in names if name in headers), None)


def _retry_after(value: str | None) -> float | None:
    """Return the seconds of a Retry-After header: a number or an HTTP date (RFC 9110, 10.2.3)."""
    if value is None or value.strip().isdigit():
        return float(value) if value else None
    date = email.utils.parsedate_tz(value)
    return max(0.0, email.utils.mktime_tz(date) - time.time()) if date else None
