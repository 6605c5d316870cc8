"""The strings that the sheets of an .xlsx share, as openpyxl reads them but for their escapes.

It leaves out each `x005F_` (seen in 3.1.5): `_x005F_x0041_` is the text `_x0041_`, and came as `A`.
"""

from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree as Xml  # nosec B405: a type only

if TYPE_CHECKING:
    from openpyxl.cell.rich_text import CellRichText

LEFT_OUT = "x005F_"
KEPT = LEFT_OUT[:2] + LEFT_OUT + LEFT_OUT[2:]  # of which it leaves the escape itself


def with_escapes(string: Xml.Element) -> Xml.Element:
    """Return the XML of a string as openpyxl is to be given it."""
    for text in string.findall(".//{*}t"):
        if text.text and LEFT_OUT in text.text:
            text.text = text.text.replace(LEFT_OUT, KEPT)
    return string


def strings_of(part: IO[bytes]) -> "list[str | CellRichText]":
    """Return the strings of a part, with the fonts of those that have several."""
    from openpyxl.cell.rich_text import CellRichText
    from openpyxl.xml.constants import SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse

    strings: list[str | CellRichText] = []
    for _, node in iterparse(part):
        if node.tag == f"{{{SHEET_MAIN_NS}}}si":
            text = CellRichText.from_tree(with_escapes(node))
            if len(text) < 2 and not any(hasattr(run, "font") for run in text):
                text = "".join(text)
            strings.append(text)
            node.clear()
    return strings
