"""Convert files as the workflow does, without it: resolved config in, table out."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.config.model import Source
from diffusion.config.resolve import resolve_config
from diffusion.convert.stages import combine_parts, convert_part, convert_table
from diffusion.errors import DiffusionError
from diffusion.raw.inputs import RawInput
from diffusion.storage.hashing import sha256_of
from diffusion.tables.limits import Limits
from diffusion.tables.parquet import read_metadata
from projects import PRINT_PEAK

HERE = Path(__file__).parent


def source_of(**keys: object) -> Source:
    """Return a source as the configuration gives it, every default filled."""
    kind = "archive" if keys.keys() & {"members", "member_column", "keep_members"} else "file"
    source = {"from": kind, "url": "data/raw.bin", "vintage": "2025-03-19"} | keys
    config = {"project": {"name": "tests", "licence": "LO 2.0"}, "sources": {"t": source}}
    return resolve_config(config).sources["t"]


def raw(path: Path, partition: str = "all", **axes: str) -> RawInput:
    """Return a raw file as fetch leaves it."""
    digest = "0" * 64 if partition == "all" else sha256_of(path)
    return RawInput(partition, axes, [path.name], [path], digest, "https://source.example/t")


class Converter:
    """Converts raw files in a folder of its own."""

    def __init__(self, folder: Path):
        self.folder, self.target = folder, folder / "t.parquet"

    def limits(self, threads: int = 2, memory_mb: int = 1000) -> Limits:
        return Limits(memory_mb, threads, self.folder / "scratch")

    def file(self, data: bytes | str, name: str = "raw.bin") -> Path:
        """Write a raw file; its name says nothing, as formats are known by the bytes."""
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def convert(self, *files: bytes | str | Path, threads: int = 2, **keys: object) -> Path:
        """Convert the raw files of one batch."""
        paths = [
            f if isinstance(f, Path) else self.file(f, f"{i}.bin") for i, f in enumerate(files)
        ]
        inputs = [raw(path, path.stem if len(paths) > 1 else "all") for path in paths]
        convert_table("t", source_of(**keys), inputs, self.target, self.limits(threads))
        return self.target

    def table(self, *files: bytes | str | Path, **keys: object) -> pa.Table:
        return pq.read_table(self.convert(*files, **keys))

    def columns(self, *files: bytes | str | Path, **keys: object) -> dict[str, list]:
        return self.table(*files, **keys).to_pydict()

    def combined(self, batches: Sequence[Sequence[RawInput]], **keys: object) -> Path:
        """Convert batch after batch and combine, as for a source of many partitions."""
        parts = [self.folder / f"part-{number}.parquet" for number in range(len(batches))]
        for inputs, part in zip(batches, parts, strict=True):
            convert_part("t", source_of(**keys), inputs, part, self.limits())
        combine_parts("t", source_of(**keys), parts, self.target, self.limits())
        return self.target

    def notes(self) -> dict:
        """Return what the last table says of itself."""
        return read_metadata(self.target)

    def geo(self) -> dict:
        """Return the ``geo`` metadata of the last table."""
        return json.loads(pq.read_schema(self.target).metadata[b"geo"])


def refusal(converter: Converter, *files: bytes | str | Path, **keys: object) -> str:
    """Return the words with which a conversion is refused."""
    try:
        converter.convert(*files, **keys)
    except DiffusionError as refused:
        return str(refused)
    raise AssertionError("it was not refused")


def given(kind: str, rows: Sequence[list], merge: Sequence[str] = ()) -> bytes:
    """Return rows as CSV, as a workbook, or as CSV in which all rows are as wide as the first."""
    if kind == "csv":
        return "".join(";".join(map(str, row)) + "\n" for row in rows).encode()
    if kind == "padded":
        padded = ([*row, *[""] * (len(rows[0]) - len(row))] for row in rows)
        return given("csv", list(padded))
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([None if cell == "" else cell for cell in row])
    for cells in merge:
        book.active.merge_cells(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """Return a workbook with other bytes in one of its parts."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {item: source.read(item) for item in source.namelist()}
    assert old in parts[name]
    return zipped(parts | {name: parts[name].replace(old, new)})


def zipped(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return buffer.getvalue()


def shared(data: bytes) -> bytes:
    """Return a workbook whose sheet has its texts among shared strings, as Excel writes them."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {item: source.read(item) for item in source.namelist()}
    strings: list[bytes] = []

    def moved(found: re.Match[bytes]) -> bytes:
        strings.append(b"<si>%s</si>" % found[1])
        return b't="s"><v>%d</v>' % (len(strings) - 1)

    sheet, types = "xl/worksheets/sheet1.xml", "[Content_Types].xml"
    parts[sheet] = re.sub(rb't="inlineStr"><is>(.*?)</is>', moved, parts[sheet], flags=re.DOTALL)
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    parts[types] = parts[types].replace(b"</Types>", part)
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = b'<sst xmlns="%s">%s</sst>' % (main, b"".join(strings))
    return zipped(parts)


def workbook(*values: object) -> bytes:
    """Return a workbook with a column ``d`` of values, and the column ``n`` of their numbers."""
    return given("xlsx", [["d", "n"], *([value, n] for n, value in enumerate(values))])


RUN = """
import json, sys
from conversions import Converter, raw, source_of
from diffusion.convert.stages import convert_table
from diffusion.tables.limits import Limits
from pathlib import Path
folder, file, threads, memory, keys = sys.argv[1:]
work = Converter(Path(folder))
limits = Limits(int(memory), int(threads), work.folder / "scratch")
convert_table("t", source_of(**json.loads(keys)), [raw(Path(file))], work.target, limits)
"""


class Job:
    """A conversion in a process and a folder of its own, as Snakemake starts it."""

    def __init__(self, folder: Path, file: Path, threads: int, memory: int, keys: dict):
        folder.mkdir(parents=True)
        self.table = folder / "t.parquet"
        given = [str(folder), str(file), str(threads), str(memory), json.dumps(keys)]
        paths = os.pathsep.join(map(str, (HERE, HERE.parent, HERE.parents[1] / "scripts")))
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN + PRINT_PEAK, *given],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def peak(self) -> int:
        """Wait for the end; returns the peak of memory in MiB."""
        out, errors = self.process.communicate()
        assert self.process.returncode == 0, errors
        return int(out)

    def sha256(self) -> str:
        """Wait for the end; returns the hash of the table."""
        self.peak()
        return hashlib.sha256(self.table.read_bytes()).hexdigest()


def write_text(path: Path, megabytes: int) -> Path:
    """Write a table as CSV or NDJSON: a block of rows again and again."""
    rows = [
        {
            "code": f"{i * 31 % 96:02d}{i * 7919 % 999:03d}",
            "v": i * 104_729 % 100_000 / 100,
            "day": f"2024-0{i % 9 + 1}-11",
            "class": "ABCDEFG"[i % 7] * 20,
        }
        for i in range(20_000)
    ]
    is_csv = path.suffix == ".csv"
    texts = [";".join(map(str, r.values())) if is_csv else json.dumps(r) for r in rows]
    block = "\n".join(texts) + "\n"
    with path.open("w") as file:
        file.write(";".join(rows[0]) + "\n" if is_csv else "")
        for _ in range(megabytes * 1_000_000 // len(block)):
            file.write(block)
    return path
