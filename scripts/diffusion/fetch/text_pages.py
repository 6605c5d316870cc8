"""Pages that are no JSON: delimited text with a header on each page, and lines of JSON.

Their records are cut apart only to be counted and to leave out the headers of all pages but the
first: the bytes are kept as they came. The end, a total or the next page are named by headers of
the answer (``header:X-Total``, ``Link``), as the text itself has no place for them.
"""

import codecs
import re

import msgspec

from diffusion.errors import AnswerError, PagesError

ERRORS = {"error", "errors", "exception"}
LINE_END = re.compile(rb"\r\n|\n|\r")
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MARKUP = re.compile(rb"\s*(<(!doctype|html|\?xml)|\{)", re.IGNORECASE)


def rows_of(content: bytes, form: str, where: str) -> tuple[bytes, list[bytes]]:
    """Return the header (of CSV) and the records of a page, each with its line end.

    Args:
        content: the body of the answer.
        form: ``csv`` or ``ndjson``.

    Raises:
        DiffusionError: it is a web page, one JSON object, or UTF-16.
    """
    if content.startswith(WIDE):
        fix = "write `from: file`, with one partition a page"
        raise PagesError(where, "pages of UTF-16 cannot be put together", fix)
    content = content.removeprefix(codecs.BOM_UTF8)
    if form == "csv" and MARKUP.match(content):
        start = " ".join(content[:200].decode("utf-8", "replace").split())
        fix = "leave out `format: csv`, or ask for CSV by a parameter or the header `Accept`"
        raise PagesError(where, f"the answer is no CSV; it begins: {start}", fix)
    lines = [line for line in _records(content, quoted=form == "csv") if line.strip()]
    if form == "csv":
        return (lines[0], lines[1:]) if lines else (b"", [])
    _refuse_words(lines, where)
    return b"", lines


def refuse_other_header(first: bytes, header: bytes, where: str, page: int) -> None:
    """Refuse a page of CSV whose names are not those of the first one.

    Raises:
        DiffusionError: both headers.
    """
    if header.rstrip() != first.rstrip():
        shown = [text.decode("utf-8", "replace").strip()[:200] for text in (first, header)]
        found = f"page {page} begins with `{shown[1]}`, the first one with `{shown[0]}`"
        fix = "each page of CSV must begin with the same names of columns"
        raise PagesError(where, found, fix)


def _refuse_words(lines: list[bytes], where: str) -> None:
    """Refuse lines of JSON of which the last reports an error, or the only one is an envelope.

    A server that fails on its way has sent status 200 before; others give all records at once.
    """
    keys = [_keys(line) for line in (lines[:1] + lines[-1:])]
    if keys and set(keys[-1]) & ERRORS and (len(lines) == 1 or not set(keys[0]) & ERRORS):
        shown = lines[-1].decode("utf-8", "replace").strip()[:200]
        fix = "run `snakemake` again later, or correct the request"
        raise AnswerError(where, f"the server answers with an error: {shown}", fix)
    if len(lines) == 1 and (lists := [k for k, v in keys[0].items() if _is_records(v)]):
        found = f"the answer is one object that holds a list at `{lists[0]}`, not lines of records"
        fix = f"leave out `format: ndjson` and write pages: {{records: {lists[0]}}}"
        raise PagesError(where, found, fix)


def _keys(line: bytes) -> dict:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}  # what is no JSON is told by its reader, with its line
    return found if isinstance(found, dict) else {}


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _records(content: bytes, quoted: bool) -> list[bytes]:
    """Cut text into records: a line break within quotes ends none.

    Where quotes do not pair up, every line is a record: the rows that are read are compared with
    their number later.
    """
    ends = [match.end() for match in LINE_END.finditer(content)]
    lines = [content[a:b] for a, b in zip([0, *ends], [*ends, len(content)], strict=True)]
    if not quoted or content.count(b'"') % 2:
        return [_ended(line) for line in lines]
    records, open_ = [b""], False
    for line in lines:
        if open_:
            records[-1] += line
        else:
            records.append(line)
        open_ ^= line.count(b'"') % 2 == 1
    return [_ended(record) for record in records]


def _ended(line: bytes) -> bytes:
    return line if not line or line.endswith((b"\n", b"\r")) else line + b"\n"
