"""The example files of other programs: an OpenDocument sheet, a table of Stata, objects of R."""

import datetime
import gzip
import io
import struct
from collections.abc import Sequence
from xml.sax.saxutils import escape

from standins.contours import zip_of

NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
UTF8, OBJECT, ATTRIBUTES, TAG = 1 << 15, 0x100, 0x200, 0x400  # flags of R's items
NIL, SYMBOL, PAIRS, CHARS, INTEGERS, TEXTS, LIST = 254, 1, 2, 9, 13, 16, 19


def communes_ods(rows: list[dict]) -> bytes:
    """The sheet `Communes`, whose table has a title above it; codes are texts."""
    title, blank = [["Population des communes"], []], "<table:table-row/>"
    lines = [*title, list(rows[0]), *(list(row.values()) for row in rows)]
    table = "".join(
        f"<table:table-row>{''.join(map(_cell, line))}</table:table-row>" if line else blank
        for line in lines
    )
    spaces = "".join(f' xmlns:{name}="{NAMES}{name}:1.0"' for name in ("office", "table", "text"))
    content = f'<office:document-content{spaces} office:version="1.3"><office:body>'
    content += f'<office:spreadsheet><table:table table:name="Communes">{table}</table:table>'
    content += "</office:spreadsheet></office:body></office:document-content>"
    entry = '<manifest:file-entry manifest:full-path="{}" manifest:media-type="{}"/>'
    manifest = f'<manifest:manifest xmlns:manifest="{NAMES}manifest:1.0">'
    manifest += entry.format("/", ODS) + entry.format("content.xml", "text/xml")
    parts = {"mimetype": ODS, "content.xml": content}
    parts["META-INF/manifest.xml"] = f"{manifest}</manifest:manifest>"
    return zip_of({name: text.encode() for name, text in parts.items()})


def _cell(value: object) -> str:
    kind = f'float" office:value="{value}' if isinstance(value, int) else "string"
    text = f"<text:p>{escape(str(value))}</text:p>"
    return f'<table:table-cell office:value-type="{kind}">{text}</table:table-cell>'


def communes_dta(rows: list[dict], prefectures: set[str]) -> bytes:
    """The same for Stata, with a code of its own: whether a commune is a prefecture."""
    import pandas as pd

    table = pd.DataFrame(rows)
    table["prefecture"] = table["code"].isin(prefectures).astype("int8")
    buffer = io.BytesIO()
    never = datetime.datetime(2018, 1, 1)
    labels: dict = {"prefecture": {0: "non", 1: "oui"}}
    table.to_stata(buffer, write_index=False, version=118, time_stamp=never, value_labels=labels)
    return buffer.getvalue()


def communes_rdata(rows: list[dict]) -> bytes:
    """What `save(communes, notes)` writes in R: a data frame, and a text."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    frame = _int(LIST | OBJECT | ATTRIBUTES) + _int(len(columns))
    frame += b"".join(map(_vector, columns.values()))
    given = {"names": list(columns), "class": ["data.frame"], "row.names": [-(2**31), -len(rows)]}
    frame += _pairs({name: _vector(values) for name, values in given.items()})
    objects = {"communes": frame, "notes": _vector(["sans valeur officielle"])}
    head = b"RDX2\nX\n" + struct.pack(">3i", 2, 0x040000, 0x020300)
    return gzip.compress(head + _pairs(objects), mtime=0)


def _pairs(items: dict[str, bytes]) -> bytes:
    pairs = (_int(PAIRS | TAG) + _int(SYMBOL) + _text(name) + item for name, item in items.items())
    return b"".join(pairs) + _int(NIL)


def _vector(values: Sequence) -> bytes:
    if isinstance(values[0], int):
        return _int(INTEGERS) + _int(len(values)) + struct.pack(f">{len(values)}i", *values)
    return _int(TEXTS) + _int(len(values)) + b"".join(map(_text, values))


def _text(text: str) -> bytes:
    data = text.encode()
    return _int(CHARS | UTF8) + _int(len(data)) + data


def _int(number: int) -> bytes:
    return struct.pack(">i", number)
