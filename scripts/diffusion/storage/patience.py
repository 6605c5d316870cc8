"""How long a store waits, and what it tries again."""

import datetime
import logging
import re
from typing import TYPE_CHECKING, Any

import tenacity

if TYPE_CHECKING:
    from obstore.store import RetryConfig

logger = logging.getLogger(__name__)
PATIENCE = datetime.timedelta(seconds=60)  # a server that restarts is back by then
BRIEF = datetime.timedelta(seconds=5)  # of a server that has not yet answered at all
NONE = datetime.timedelta(0)
# what obstore does not retry in a put, as it cannot know whether the request arrived, and an upload
# in parts that the server forgot when it went down
BUSY = re.compile(r"\b5\d\d\b[ \w]*(?:Service|Server|Gateway|Unavailable|Slow)|SlowDown|\b503\b")
BROKEN_PUT = ("error sending request", "NoSuchUpload")


def with_patience(settings: dict[str, Any], patience: datetime.timedelta) -> dict[str, Any]:
    """Return settings of an S3 client (``Connection.obstore``) that tries again that long."""
    retries: RetryConfig = {
        "max_retries": 30 if patience else 0,
        "retry_timeout": patience,
        "backoff": {
            "init_backoff": datetime.timedelta(seconds=0.2),
            "max_backoff": datetime.timedelta(seconds=8),
            "base": 2,
        },
    }
    settings = {"retry_config": retries} | settings
    if patience < PATIENCE:
        silence = "10s" if patience == NONE else "30s"
        settings["client_options"] |= {"connect_timeout": "5s", "timeout": silence}
    return settings


def retrying_put(key: str) -> tenacity.Retrying:
    """Repeat a put whose connection broke: an object is put whole, so a second put does no harm."""

    def log_retry(state: tenacity.RetryCallState) -> None:
        logger.warning(
            "%s: the connection broke; trying again in %.0f s", key, state.upcoming_sleep
        )

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda e: any(sign in str(e) for sign in BROKEN_PUT)),
        stop=tenacity.stop_after_delay(PATIENCE),
        wait=tenacity.wait_exponential(max=8),
        before_sleep=log_retry,
        reraise=True,
    )


def is_busy(error: BaseException) -> bool:
    """Whether a server answered that it cannot answer now: 5xx, or to slow down."""
    return bool(BUSY.search(str(error.__cause__)))


def trying_again() -> tenacity.Retrying:
    """Repeat what had no answer, twice within two seconds: a connection may break by chance."""
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda e: BROKEN_PUT[0] in str(e.__cause__)),
        stop=tenacity.stop_after_attempt(3),
        wait=tenacity.wait_fixed(0.5),
        reraise=True,
    )
