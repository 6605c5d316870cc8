"""Statuses of answers that are no data: some may pass, all others are refused in words."""

from collections.abc import Callable, Collection

import requests

from diffusion.errors import AnswerError
from diffusion.fetch.connection_words import ONLY_TLS, only_tls
from diffusion.fetch.patience import TransientStatus, is_quota, seconds_to_wait

SHOWN = 3000  # characters of an answer that is refused: those that messages are made of
DATA = (200, 206)
NOT_FOUND = "check the URL"
NO_RECORD = "; if that is how the server says that it has no record of a partition, "
NO_RECORD += "write `empty_on: [404]`"
NO_DATA = (
    "only 200 and 206 are data: check `url`, `method` and what the server's documentation says"
)
MADE_FIRST = f"{NO_DATA}; `export:` waits for a file that a server has to make first"
STATUS_FIXES = {202: MADE_FIRST, 401: "check `auth:`"}
STATUS_FIXES |= {400: "check what is asked: `url`, `params`, `body`", 405: "check `method:`"}
STATUS_FIXES |= {406: "name a form that the server has, such as `headers: {Accept: text/csv}`"}
STATUS_FIXES |= {415: "check what the server takes: `form:` in place of `body:`, or another one"}
STATUS_FIXES |= {403: "check `auth:` and the licence", 404: NOT_FOUND}


def refuse_status(
    response: requests.Response,
    accepted: Collection[int],
    where: str,
    redacted: Callable[[str], str],
    *,
    is_api: bool,
) -> None:
    """Refuse every status that is not accepted.

    Args:
        redacted: leaves secrets out of words.
        is_api: a status can mean that there is nothing, which only an API's `empty_on` says.

    Raises:
        TransientStatus: it may pass.
        DiffusionError: any other status, with the server's own words.
    """
    status, request = response.status_code, response.request
    if status in accepted or (status == 416 and "Range" in request.headers):
        return
    words = redacted(" ".join(response.text[:SHOWN].split()))[:300] or response.reason
    after = seconds_to_wait(response.headers)
    if is_quota(response) or (status == 202 and request.method == "GET"):
        raise TransientStatus(status, words, after, asks_to_wait=True)
    if status >= 500:
        raise TransientStatus(status, words, after)
    asked = request.url or ""
    if status == 400 and asked.startswith("http://") and ONLY_TLS.search(words):
        raise only_tls(asked, where)
    found = redacted(f"HTTP {status} from {response.url}: {words}")
    fix = STATUS_FIXES.get(status, "" if status >= 300 else NO_DATA)
    fix += NO_RECORD * (is_api and status == 404)
    raise AnswerError(where, found, fix)
