"""What readers of a table should know of how it was made, in words."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from diffusion.check.declarations import may_mean_none
from diffusion.config.remedies import in_line
from diffusion.publish.change_words import change_words

TOKENS = 3  # that could not be read, and are told
MOST = 10  # columns of which it is told how often they have no value


def publishing_notes(
    name: str, receipt: Mapping[str, Any], before: Mapping[str, Any]
) -> Iterator[str]:
    """Yield how a new version differs from the one before, and what lies beside it.

    Args:
        receipt: of what is published now.
        before: the receipt as the run found it.
    """
    changes = receipt.get("changes", [])
    if changes and changes != before.get("changes"):
        yield f"· {name}: {change_words(changes[-1])}"
    if strangers := receipt.get("strangers"):
        many = "a file lies" if len(strangers) == 1 else f"{len(strangers):,} files lie"
        yield (
            f"! {name}: {many} in its folder without being of it, as {receipt['url']}/"
            f"{strangers[0]}: whoever reads the folder reads them; remove them by hand"
        )


def damage_words(damage: Mapping[str, Any]) -> Iterator[str]:
    """Yield in words what is damaged in the text of a column, see ``convert.garbled``."""
    shown = ", ".join(f"`{value}`" for value in damage["examples"])
    if damage["lost"]:
        yield (
            f"{damage['lost']:,} values have U+FFFD in place of a character that was lost before "
            f"the file was made, as {shown}: ask its publisher for another"
        )
    if damage["twice"]:
        yield (
            f"{damage['twice']:,} values look like UTF-8 that was once read as another encoding, "
            f"as {shown}: ask its publisher for a correct file"
        )


def _at(name: str, column: str) -> str:
    """Return what a column of a table is called in a line: names of workbooks have line breaks."""
    return f"{name}.{' '.join(column.splitlines())}"


def null_notes(name: str, noted: Mapping[str, Any], rows: int) -> Iterator[str]:
    """Yield how often tokens stood for no value in a table of so many rows, and what for."""
    columns = noted.get("nulls", {})
    for column, tokens in list(columns.items())[:MOST]:
        reasons = noted.get("reasons", {}).get(column, {})
        each = (
            f"{count:,} of {rows:,} values {'is' if count == 1 else 'are'} `{token}`"
            + (f" ({reasons[token]})" if token in reasons else "")
            for token, count in tokens.items()
        )
        yield f"· {_at(name, column)}: {', '.join(each)}: no value"
    if len(columns) > MOST:
        yield f"· {name}: and such tokens in {len(columns) - MOST:,} more columns"


def _tokens(column: str, failure: Mapping[str, Any]) -> str:
    """Return which values could not be read, and what to write if they stand for none."""
    found = list(dict.fromkeys(example["value"] for example in failure.get("examples", ())))
    tokens = [token for token in found if isinstance(token, str)][:TOKENS]
    if not tokens:
        return ""
    shown = ", ".join(f"`{token}`" for token in tokens)
    more = ", …" if len(found) > TOKENS else ""
    if column == "geometry" or not all(map(may_mean_none, tokens)):
        return f": {shown}{more}"  # they would be lost
    fix = f"`columns: {in_line({column: {'nulls': tokens}})}`"
    return f": {shown}{more}; if that means no value, write {fix}"


def notes(name: str, noted: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is noted of a table: ``!`` where it may be wrong, ``·`` where it is told only.

    Args:
        noted: what its maker recorded in it, see ``table_facts``.
    """
    for column, failure in noted.get("cast_failures", {}).items():
        told = f"{failure['failed']:,} of {failure['values']:,} values could not be read, and are "
        yield f"! {_at(name, column)}: {told}empty{_tokens(column, failure)}"
    for found in noted.get("read", []):
        yield f"· {name}: read as {found}"
    for note in noted.get("notes", []):
        yield f"· {name}: {note}"
    yield from (f"! {name}: {note}" for note in noted.get("alerts", []))
    for column in noted.get("decimal_commas", []):
        fix = 'write `csv: {decimal: ","}` to make numbers of them'
        yield f"! {_at(name, column)}: is text, as its numbers have decimal commas; {fix}"
    for column, found in noted.get("missing_words", {}).items():
        counts, of = found["words"], found["of"]
        told = ", ".join(f"{n:,} {'is' if n == 1 else 'are'} `{w}`" for w, n in counts.items())
        fix = f"if that means no value, write `nulls: {json.dumps(list(counts))}`"
        looked = f"of the first {of:,} values {told}, the others numbers"
        if not of:
            words = ", ".join(f"`{word}`" for word in counts)
            looked = f"its first values are numbers, and {words} further on"
        yield f"! {_at(name, column)}: is text: {looked}; {fix}"
    for column, damage in noted.get("damaged", {}).items():
        yield from (f"! {_at(name, column)}: {words}" for words in damage_words(damage))
    if (geometry := noted.get("geometry", {})).get("repaired"):
        was, area = geometry["area_before"], geometry["area_after"]
        areas = f"; their area was {was:.6g}, is {area:.6g}" if was or area else ""
        shapes = f"{geometry['repaired']:,} invalid geometries were repaired"
        more = f", {geometry['reshaped']:,} by more than 1%" if geometry.get("reshaped") else ""
        yield f"! {name}: {shapes}{areas}{more}"
