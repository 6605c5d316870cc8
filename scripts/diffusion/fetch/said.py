"""Errors that a server reports in an answer of status 200, in its own words."""

import json
import re
from typing import Any

from diffusion.errors import DiffusionError
from diffusion.fetch.body import Body

USUAL = ("error", "errors")
NOTHING = ("", "0", "none", "null", "false", "ok", "no", "no error", "success")
REMARK = re.compile(r"\berror\b|timed out", re.IGNORECASE)  # of Overpass, beside what it has found
PARTIAL = ("_shards", "timed_out")  # of Elasticsearch and OpenSearch
FAILED = ("error", "fail", "failed", "failure", "ko", "nok", "erreur", "echec", "échec")
CODES = ("code", "status", "statusCode", "status_code")  # of HTTP, beside no record


def refuse_error(body: Body, path: str, has_records: bool) -> None:
    """Refuse an answer that reports an error.

    Args:
        path: ``pages.error``; empty: the usual places at the top of the body.
        has_records: the answer has its records; ``status: error`` may then mean anything.

    Raises:
        DiffusionError: with the server's words.
    """
    where, words = _declared(body, path) if path else _usual(body, has_records)
    if words:
        fix = (
            "correct the request. If that is no error, set pages.error to the path at which this "
            "server reports errors"
        )
        raise DiffusionError(
            body.where, f"the server answers with an error at `{where}`: {words}", fix
        )


def _declared(body: Body, path: str) -> tuple[str, str]:
    found = body.value(path)
    return path, _words(found) if _says(found) else ""


def _usual(body: Body, has_records: bool) -> tuple[str, str]:
    names = body.top().keys() & {*USUAL, *PARTIAL, *CODES, "success", "remark"}
    for name in USUAL:
        if name in names and _says(found := body.value(name)):
            return name, _words(found)
    if "success" in names and body.value("success") is False:
        return "success", body.start
    for name in PARTIAL:
        if name in names and _is_partial(found := body.value(name)):
            return name, _words(found)
    remark = body.value("remark") if "remark" in names else None
    if isinstance(remark, str) and REMARK.search(remark):
        return "remark", _words(remark)
    if has_records:
        return "", ""
    status = body.value("status") if "status" in names else None
    if isinstance(status, str) and status.lower() in FAILED:
        return "status", body.start
    return next(
        ((code, body.start) for code in CODES if code in names and _is_refusal(body.value(code))),
        ("", ""),
    )


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
