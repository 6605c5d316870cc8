"""The example workbook: notes on the first sheet, a title above the table on the second."""

import io
import re
import zipfile

from standins.contours import zip_of

NEVER = "2018-01-01T00:00:00Z"


def communes_xlsx(rows: list[dict]) -> bytes:
    """Sheets `Lisez-moi` and `Communes`; the header of the table is on row 3."""
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.active.title = "Lisez-moi"
    workbook.active.append(["Communes de démonstration, sans valeur officielle"])
    sheet = workbook.create_sheet("Communes")
    sheet.append(["Population des communes"])
    sheet.append([])
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return _without_clock(buffer)


def _without_clock(workbook: io.BytesIO) -> bytes:
    """Pack a workbook again without the time of day, which openpyxl always writes."""
    with zipfile.ZipFile(workbook) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    core = members["docProps/core.xml"].decode()
    core = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", NEVER, core)
    return zip_of(members | {"docProps/core.xml": core.encode()})
