"""One column of one department out of a published table of about 1 GB."""

import json
from pathlib import Path
from typing import IO

from bench.base import BUCKET, OURS, Bench, connection_to
from bench.data import COLUMNS, DPE, ORDER
from bench.measure import Contender, Goal, Row, alternate, ratio

ROWS = 21_000_000  # about 1 GB
NAME, DEPARTEMENT, COLUMN = "df_dpe", "33", "consommation_energie"
DOWNLOAD = "download + pandas"
IN_PLACE, S3FS = "pandas, in place (pyarrow's client)", "pandas + s3fs, in place"


def measure(bench: Bench) -> Row:
    place, rows = bench.place("reading"), bench.size(ROWS, 20_000)
    receipt = published(bench, place / f"{NAME}.parquet", rows)
    (place / "receipt.json").write_text(json.dumps(receipt))
    (size,) = (item["size"] for item in receipt["objects"])
    environment = dict(bench.s3_environment())
    contenders = _contenders(bench, place, environment)
    runs = bench.alternate(contenders, "reading")
    counted = {DOWNLOAD: size} | {n: _bytes(bench, place, n) for n in (OURS, IN_PLACE, S3FS)}
    for name, run in runs.items():
        same = run.facts["rows"], round(run.facts["sum"])
        assert same == (runs[OURS].facts["rows"], round(runs[OURS].facts["sum"])), name
    goals = [
        Goal("bytes read", 100 * counted[OURS] / size, 2, "%"),
        Goal("times as fast as a download", 1 / ratio(runs, OURS, DOWNLOAD), 10, "×", True),
    ]
    said = ", ".join(f"{name} {count / 1e6:,.1f} MB" for name, count in counted.items())
    imports = runs[OURS].time - runs[OURS].facts["work"] + runs[OURS].facts["imports"]
    notes = [
        f"Read, counted at a proxy before the server: {said}, of {size / 1e6:,.0f} MB.",
        "All on one machine, where a download costs next to nothing: over a network of 1 Gbit/s "
        f"it alone takes {size / 125e6:.0f} s. {imports:.1f} s of Diffusion's time is Python "
        "and its imports.",
    ]
    return Row(f"One column of one department, of {rows:,} rows on S3", runs, goals, notes)


def _contenders(bench: Bench, place: Path, environment: dict) -> list[Contender]:
    path = f"{BUCKET}/reading/{NAME}.parquet"
    return [
        bench.ours(OURS, "reading.diffusion", place / "receipt.json", environment=environment),
        bench.ours(
            DOWNLOAD, "reading.download", path, place / "copy.parquet", environment=environment
        ),
        bench.ours(IN_PLACE, "reading.in_place", path, environment=environment),
        bench.ours(S3FS, "reading.in_place_s3fs", path, environment=environment),
    ]


def _bytes(bench: Bench, place: Path, name: str) -> int:
    """Run one contender through a proxy; return the bytes it was sent."""
    from counting_proxy import CountingProxy

    environment = dict(bench.s3_environment())
    with CountingProxy(environment["AWS_ENDPOINT_URL"]) as proxy:
        environment["AWS_ENDPOINT_URL"] = proxy.endpoint
        contenders = _contenders(bench, place, environment)
        alternate([one for one in contenders if one.name == name], 1, place)
        return proxy.bytes_sent


def published(bench: Bench, table: Path, rows: int) -> dict:
    """Write the table as the conversion does, and publish it; return its receipt."""
    from bench.base import resolved
    from diffusion.tables.engine import engine
    from diffusion.tables.limits import Limits
    from diffusion.tables.rows import rows_of
    from diffusion.tables.write import write_rows

    source = resolved(
        **{"from": "file", "url": "x", "columns": COLUMNS, "sort_by": [ORDER[0]]},
    )
    scratch = table.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    select = f"SELECT *, md5(numero_dpe)[:24] AS _id FROM ({DPE.format(rows=rows)})"
    with engine(Limits(8000, 2, scratch)) as con:
        rows = rows_of(con, f"{select} ORDER BY {ORDER[0]}")
        write_rows(rows, table, source.write, {}, sorted_by=[ORDER[0]])
    receipt = bench.publish("reading", table)
    table.unlink()
    return receipt


def diffusion(receipt: str) -> dict:
    """What a derived script is given: ``inputs["dpe"].frame(…)``."""
    import time

    begun = time.perf_counter()
    import pandas  # noqa: F401 - what to_pandas imports
    import pyarrow.compute as pc

    from diffusion.derive.inputs import PublishedTable

    imports = time.perf_counter() - begun
    table = PublishedTable(json.loads(Path(receipt).read_text()), connection_to())
    frame = table.frame([COLUMN], pc.field(ORDER[0]) == DEPARTEMENT)
    return {"rows": len(frame), "sum": frame[COLUMN].sum(), "imports": imports}


def download(path: str, target: str) -> dict:
    """The chapter's way: get the file, then read it; the columns needed only, to its favour."""
    import pandas as pd
    import s3fs

    s3fs.S3FileSystem().get(path, target)
    frame = pd.read_parquet(target, columns=[ORDER[0], COLUMN])
    frame = frame[frame[ORDER[0]] == DEPARTEMENT]
    return {"rows": len(frame), "sum": frame[COLUMN].sum()}


def in_place(path: str) -> dict:
    """pandas, told to read in place and to filter, as those who know do."""
    return _filtered(f"s3://{path}")


def in_place_s3fs(path: str) -> dict:
    """The same of a file that s3fs opened, as the chapter's cells do."""
    import s3fs

    with s3fs.S3FileSystem().open(path) as file:
        return _filtered(file)


def _filtered(source: str | IO[bytes]) -> dict:
    import pandas as pd

    where = [(ORDER[0], "==", DEPARTEMENT)]
    frame = pd.read_parquet(source, columns=[ORDER[0], COLUMN], filters=where)
    return {"rows": len(frame), "sum": frame[COLUMN].sum()}
