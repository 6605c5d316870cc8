"""What DuckDB says of raw files that it cannot read, in words that users can act on."""

import mmap
import os
import re
from pathlib import Path

from diffusion.config.remedies import in_line
from diffusion.convert.headers.notes import AGAIN, BROKEN, ENDED
from diffusion.convert.relation import OURS
from diffusion.convert.text.odd_cells import ENTITY
from diffusion.errors import DiffusionError, ValuesError
from diffusion.files.lines import TAIL

COMMENT = re.compile(r"[#%!]+(?=\s)|//(?=\s)|--(?=\s)")
LONGEST = 70  # characters of a line
UNFIT = f"{OURS}unfit "  # begins the error about a value of a database; see ``database``
# what databases write where there is no day, or no number
NO_VALUE = re.compile(r"-?infinity|NaN|0000-00-00( 00:00:00)?", re.IGNORECASE)


def reading_error(label: str, text: str) -> DiffusionError:
    """Return DuckDB's error about a raw file in words that users can act on."""
    if UNFIT in text:
        return _unfit(label, text)
    file = re.search(r"^\s*file = (.+)$", text, re.MULTILINE)
    lines = [line.strip() for line in text.split("Possible")[0].splitlines() if line.strip()]
    noise = r'^\w+ Input Error: | in file "[^"]*"| Try setting .*'
    words = re.sub(noise, "", " ".join(lines[:4]))
    found = f"cannot be read: {words[:400]}"
    fix = "see `format:` of the source; or ask its publisher for a correct file, and set a new "
    fix += "`vintage` once it is there"
    if "would lose data" in text and "timestamp[ns]" in text:
        found = "a column has timestamps of nanoseconds, which would be cut to microseconds"
        fix = "declare it, if that is meant: `columns: {…: timestamp}`"
    elif "duplicate key" in text:
        key = re.search(r'in (\S+ \d+).*duplicate key "(.*?)"', text, re.DOTALL)
        found = f"an object has the key `{key[2]}` twice (in {key[1]})" if key else found
        fix = "readers differ in which of the two they take: ask its publisher to correct it"
    elif "nvalid unicode" in text:
        fix = "see `encoding` of the source"
    elif "uote" in text and '\\"' in text:  # without quotes, theirs would be in names and values
        found += "; quotes within values are written `\\\"`, as R's `write.table` and MySQL do"
        fix = 'state that sign, and no other `quote`: `csv: {escape: "\\\\"}`'
    elif "nterminated quote" in text:
        fix = (
            'if quotes are signs like others in this file, write `csv: {quote: ""}`; else ask its '
        )
        fix += "publisher to correct it, and set a new `vintage` once it is corrected"
    elif "Number of Columns" in text:
        line = re.search(r"Original Line:\s*(.*)", text)
        if line and BROKEN.fullmatch(line[1].strip()):
            found, fix = f"{ENDED}\n  {line[1].strip()[:LONGEST]}", AGAIN
        else:
            fix = _ragged(text, *((Path(file[1]), line[1].strip()) if file and line else ()))
    return ValuesError(f"{label} ({Path(file[1]).name})" if file else label, found, fix)


def _is_cut_off(path: Path, line: str) -> bool:
    """Whether a line is the last one of a text, and has no end."""
    with path.open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - TAIL, 0))
        data = file.read()
    end = line.encode()
    return bool(end) and data.endswith(end) and data[: -len(end)].endswith((b"\n", b"\r"))


def _rows_below_gap(path: Path, line: str) -> int:
    """Return how many rows there are from a line below a blank one to the end; 0 for another."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        places = (data.find(gap + line.encode()) for gap in (b"\n\n", b"\n\r\n"))
        at = next((place for place in places if place >= 0), -1)
        rows = data[at : at + TAIL].split(b"\n") if at >= 0 and len(data) - at < TAIL else []
    return sum(bool(row.strip()) for row in rows)


def _ragged(text: str, path: Path | None = None, line: str = "") -> str:
    """Return what to do about a line that has another number of cells than the header.

    Args:
        path: of the text.
        line: as it stands in it.
    """
    counts = re.search(r"Columns: (\d+) Found: (\d+)", " ".join(text.split()))
    is_short = counts is not None and int(counts[2]) < int(counts[1])
    if is_short and (sign := COMMENT.match(line)):
        fix = f"leave out lines that begin with `{sign[0]}`, if they are comments: "
        return fix + f"`csv: {{comment: {in_line(sign[0])}}}`; else see `csv.delimiter`"
    if not is_short and (entity := ENTITY.search(line)):
        fix = f"`{entity[0]}` is a letter as HTML writes it, and its `;` cuts the line: have its "
        fix += "publisher write letters, or a file of your own, by Python's `html.unescape`"
        return fix
    if is_short and path and (rows := _rows_below_gap(path, line)):
        fix = "it stands below a blank line: notes, or another table, it seems; leave them out, "
        return fix + f"`csv: {{footer: {rows}}}`; or see `csv.delimiter`, `csv.quote`, `csv.header`"
    if is_short and path and _is_cut_off(path, line):
        fix = f"the line has no end, as in a file that is cut off: {AGAIN}; "
    elif is_short:
        fix = "where lines leave out empty cells at their end, `csv: {pad: true}` fills them; "
    else:
        fix = "where a value has the delimiter in it, ask the publisher for quotes; where lines "
        fix += "have more columns than names, name all of them: `csv: {names: […]}`; "
    fix += "else see `csv.delimiter`, `csv.quote` and `csv.header`; "
    return fix + "if it is a note below the table, leave it out: `csv.footer`"


def _unfit(label: str, text: str) -> DiffusionError:
    """Return the error for a value that a type of its server has, and none of ours."""
    name, kind, value = text.partition(UNFIT)[2].split(OURS)[:3]
    is_moment = kind.startswith(("DATE", "TIMESTAMP"))
    meant = "date" if kind == "DATE" else "timestamp" if is_moment else "float"
    fix = f"take its text: `columns: {{{in_line(name)}: string}}`"
    if NO_VALUE.fullmatch(value):
        fix += "; or, where it stands for no value, "
        fix += f'`columns: {{{in_line(name)}: {{type: {meant}, nulls: ["{value}"]}}}}`'
    found = f"`{name}` holds `{value}`, which no {meant if is_moment else kind} of a table can be"
    return ValuesError(label, found, fix)
