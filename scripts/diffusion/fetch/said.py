"""Errors that a server reports in an answer of status 200, in its own words."""

import json
import re
from collections.abc import Iterator
from typing import Any

from diffusion.base.json_path import name_step, place_of
from diffusion.errors import AnswerError
from diffusion.fetch.body import Body

USUAL = ("error", "errors")
NOTHING = ("", "0", "none", "null", "false", "ok", "no", "no error", "success")
REMARK = re.compile(r"\berror\b|timed out", re.IGNORECASE)  # of Overpass, beside what it has found
PARTIAL = ("_shards", "timed_out")  # of Elasticsearch and OpenSearch
FAILED = ("error", "fail", "failed", "failure", "ko", "nok", "erreur", "echec", "échec")
STATES = ("status", "statut", "etat", "état", "state", "result", "resultat", "résultat")
# of what a server has not made yet
PENDING = ("pending", "processing", "running", "queued", "in_progress", "in progress", "en cours")
# what servers say in words, in place of records or beside some of them
MESSAGES = (
    *("message", "msg", "detail", "details", "reason", "fault", "title", "description", "cause"),
    *("libelle", "libellé", "motif", "texte", "error_description", "error_message", "errmsg"),
    *("errormessage", "exception"),
)
WARNINGS = ("warning", "warnings")
FAULT = re.compile(
    r"rate.?limit|quota|throttl|too.?many|exceed|expired?\b|time.?out|timed out|unavailable"
    r"|overload|try again|retry|denied|forbidden|unauthori[sz]ed|internal|fail(ed|ure)|\berror"
    r"|erreur|expir[ée]|trop de|dépass|réessay|indisponible|asynchron|maintenance",
    re.IGNORECASE,
)
REFUSED = re.compile(  # wherever it stands
    r"rate.?limit|quota|too.?many|exceeds?\b|exceeded|throttl|timed out|call frequency|dépassé",
    re.IGNORECASE,
)
NOWHERE = ("\0",)
LONGEST = 300  # characters of a message
TRUTHS = ("success", "ok")  # false where it failed
CUT_SHORT = re.compile(r"truncat|tronqu|incomplete|only the first|limited to|limité", re.IGNORECASE)
CODES = ("code", "status", "statusCode", "status_code")  # of HTTP, beside no record


def refuse_error(body: Body, path: str, has_records: bool, records: str = "") -> None:
    """Refuse an answer that reports an error.

    Args:
        path: ``pages.error``; empty: the usual places at the top of the body.
        has_records: the answer has its records; ``status: error`` may then mean anything.
        records: ``pages.records``: what stands there is none of the server's words.

    Raises:
        DiffusionError: with the server's words.
    """
    where, words = _declared(body, path) if path else _usual(body, has_records, records)
    if words:
        fix = (
            "correct the request. If that is no error, set pages.error to the path at which this "
            "server reports errors"
        )
        raise AnswerError(
            body.where, f"the server answers with an error at `{where}`: {words}", fix
        )


def said_in(body: Body) -> tuple[str, str]:
    """Return where an answer without records says that it failed, and its words; or nothing."""
    return _usual(body, has_records=False, records="")


def _declared(body: Body, path: str) -> tuple[str, str]:
    found = body.value(path)
    return path, _words(found) if _says(found) else ""


def _usual(body: Body, has_records: bool, records: str) -> tuple[str, str]:
    names = {name.lower(): name_step(name) for name in body.top()}
    for name in (names[known] for known in USUAL if known in names):
        if _says(found := body.value(name)):
            return name, _words(found)
    for name in (names[known] for known in TRUTHS if known in names):
        if body.value(name) is False:
            return name, body.start
    for name in (names[known] for known in PARTIAL if known in names):
        if _is_partial(found := body.value(name)):
            return name, _words(found)
    remark = body.value("remark") if "remark" in names else None
    if isinstance(remark, str) and REMARK.search(remark):
        return "remark", _words(remark)
    for name, words in _named(body, WARNINGS, records):
        if CUT_SHORT.search(words) or (FAULT.search(words) and not has_records):
            return name, words
    return ("", "") if has_records else _without_records(body, names, records)


def _without_records(body: Body, names: dict[str, str], records: str) -> tuple[str, str]:
    nested = (found for found in _named(body, USUAL, records) if not found[1].isdecimal())
    return next(nested, None) or _in_place_of_records(body, names, records)


def _around(body: Body, records: str) -> Iterator[tuple[str, str]]:
    """Yield what stands outside the records; of an object without a place for them, all."""
    is_list = not records and not body.top()
    yield from body.paths(place_of(records) if records or is_list else NOWHERE)


def _named(body: Body, called: tuple[str, ...], records: str) -> Iterator[tuple[str, str]]:
    """Yield what stands at a name, however deep outside the records, and its words."""
    for path, text in _around(body, records):
        if path.rpartition(".")[2].strip('"').lower() in called and _says(text):
            yield path, " ".join(text.split())[:500]


def _in_place_of_records(body: Body, names: dict[str, str], records: str) -> tuple[str, str]:
    """Return what says that records are missing for another reason than that there are none.

    Args:
        names: at the top, by their small letters, each as a path.
    """
    for name in (names[known] for known in STATES if known in names):
        state = body.value(name)
        if isinstance(state, str) and state.lower() in (*FAILED, *PENDING):
            return name, body.start
    for name in (names[known.lower()] for known in CODES if known.lower() in names):
        if _is_refusal(body.value(name)):
            return name, body.start
    for known in (*MESSAGES, *map(str.lower, CODES)):
        found = body.value(names[known]) if known in names else None
        if isinstance(found, str) and FAULT.search(found.replace("_", " ")):
            return names[known], body.start
    for path, text in _around(body, records):
        is_message = text[:1] not in ("{", "[") and len(text) <= LONGEST
        if is_message and REFUSED.search(text.replace("_", " ")):
            return path, body.start
    return "", ""


def _is_refusal(found: Any) -> bool:
    """Whether it is a status of HTTP that is an error; 404 is how some say that there is none."""
    return str(found).isdecimal() and 400 <= int(found) < 600 and int(found) != 404


def _is_partial(found: Any) -> bool:
    """Whether shards failed, or their time was up: what the others found comes with status 200."""
    if isinstance(found, dict):
        failed = found.get("failed")
        return isinstance(failed, int) and failed > 0
    return found is True


def _says(found: Any) -> bool:
    return bool(found) and str(found).strip().lower() not in NOTHING


def _words(found: Any) -> str:
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return " ".join(text.split())[:500]
