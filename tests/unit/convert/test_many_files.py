"""Many raw files of one batch: read together, as if one by one."""

import json

import duckdb
import pyarrow.parquet as pq
import pytest

from conversions import raw, source_of
from diffusion.convert.stages import convert_table
from diffusion.errors import DiffusionError


def test_many_files_are_read_as_one_by_one(converter):
    """Files of one shape are read by one SELECT; each row keeps the place and axes of its file."""
    shapes = [
        "a;b\n{n};x\n{n};y",
        "b;a\r\nx;{n}\r\n",
        "\ufeffa;b\r\n{n};x\r\n",
        "a;b\n",
        "a,file_index\n{n},z\n",
    ]
    files = [shapes[n // 3 % 5].format(n=n) for n in range(45)]
    files += [shapes[n % 2].format(n=n) for n in range(45, 255)]  # more runs than one query takes
    paths = [converter.file(text, f"{n}.bin") for n, text in enumerate(files)]
    inputs = [raw(path, f"n={n}", n=str(n)) for n, path in enumerate(paths)]
    source = source_of(columns={"a": "string", "b": "string"}, nulls=["y"])
    for limits in (converter.limits(1), converter.limits(8)):
        convert_table("t", source, inputs, converter.target, limits)
        rows = pq.read_table(converter.target).to_pydict()
        expected = []
        for n, text in enumerate(files):
            lines = [line.lstrip("\ufeff") for line in text.split()]
            header = lines[0].replace(",", ";").split(";")
            for line in lines[1:]:
                values = dict(zip(header, line.replace(",", ";").split(";"), strict=True))
                b = values.get("b")
                expected.append((str(n), None if b == "y" else b, values.get("file_index"), str(n)))
        assert list(zip(*(rows[c] for c in ("a", "b", "file_index", "n")), strict=True)) == expected
    assert converter.notes()["nulls"] == {"b": {"y": sum("y" in text for text in files)}}


def test_the_file_of_what_cannot_be_cast_among_many(converter):
    texts = [f"n\n1\n{'x' if n % 70 == 69 else n}\n" for n in range(300)]
    converter.convert(*texts, columns={"n": "int"})
    failure = converter.notes()["cast_failures"]["n"]
    bad = [{"file": f"{n}.bin", "row": 2, "value": "x"} for n in (69, 139, 209, 279)]
    assert failure == {"failed": 4, "values": 600, "examples": bad}


@pytest.mark.parametrize("form", ["array", "lines"])
def test_many_small_files_of_json_need_no_memory_of_their_own(converter, form):
    """Also of plain values alone; below what a job has by default."""
    records = [[{"a": n}, {"a": None, "b": f"x{n}"}] for n in range(45)]
    texts = ["\n".join(map(json.dumps, r)) if form == "lines" else json.dumps(r) for r in records]
    table = converter.table(*texts)
    assert table["a"].drop_null().to_pylist() == list(range(45))
    assert table["b"].drop_null().to_pylist() == [f"x{n}" for n in range(45)]


def test_duckdb_still_keeps_a_buffer_of_each_file_with_plain_values(converter):
    """Mended? `NO_KEY` of convert/json/reading.py can go."""
    files = [str(converter.file('[{"a": 1}]', f"{n}.bin")) for n in range(45)]
    read = "SELECT a FROM read_json($files, format='array', columns={a: 'VARCHAR'})"
    with duckdb.connect(config={"memory_limit": "1000MB"}) as con:
        with pytest.raises(duckdb.OutOfMemoryException):
            con.execute(read, {"files": files}).fetchall()
        read = read.replace("'VARCHAR'", "'VARCHAR', b: 'STRUCT(c JSON)'")
        assert len(con.execute(read, {"files": files}).fetchall()) == 45


def test_one_damaged_file_among_many_is_named(converter):
    texts = [f"a;b\n{n};1\n" + ("7\n8;2\n" if n == 33 else "") for n in range(60)]
    with pytest.raises(DiffusionError, match=r"\(33\.bin\).*Line: 3"):
        converter.convert(*texts)


def test_objects_without_a_byte_are_noted(converter):
    """A glob leaves them out: whoever reads the table should know that a file had nothing."""
    given = [raw(converter.file(f"n\n{n}\n", f"{n}.csv"), f"n={n}") for n in range(2)]
    given[0].empty.extend(["in/a.csv", "in/b.csv"])
    path = converter.combined([[item] for item in given])
    assert pq.read_table(path).num_rows == 2
    assert converter.notes()["notes"] == ["in/a.csv and 1 more: has no byte, and is left out"]


@pytest.mark.parametrize("count", [256, 257, 700])
def test_thousands_of_one_shape_keep_their_axes(converter, count):
    """Of so many files, the values are in several lists; neighbours with one value are in none."""
    paths = [converter.file(f"a;b\n{n};x\n{n};y\n", f"{n}.bin") for n in range(count)]
    inputs = [
        raw(path, f"n={n},of={n // 300}", n=str(n), of=str(n // 300))
        for n, path in enumerate(paths)
    ]
    convert_table("t", source_of(), inputs, converter.target, converter.limits())
    rows = pq.read_table(converter.target).select(["a", "n", "of"]).to_pydict()
    each = [n for n in range(count) for _ in range(2)]
    assert rows == {"a": each, "n": [str(n) for n in each], "of": [str(n // 300) for n in each]}
