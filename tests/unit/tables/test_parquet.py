"""The Parquet files themselves: what readers and caches rely on."""

import datetime
import hashlib

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from conversions import Converter
from diffusion.tables.parquet import describe, dump_metadata, read_metadata, write_parquet

SCHEMA = pa.schema([("n", pa.int64()), ("c", pa.dictionary(pa.int32(), pa.string()))])


def batches(sizes):
    """The rows 0, 1, 2 … cut in batches of these sizes."""
    start = 0
    for size in sizes:
        numbers = range(start, start + size)
        start += size
        yield pa.record_batch([list(numbers), [f"v{n % 7}" for n in numbers]], names=["n", "c"])


def write(path, sizes, **options):
    settings = {"row_group_rows": 1000, "metadata": {}} | options
    write_parquet(batches(sizes), SCHEMA, path, **settings)
    return path


@pytest.mark.parametrize("total", [0, 1, 999, 1000, 1001, 2500])
def test_exact_row_groups_and_bytes_whatever_the_batches(tmp_path, total):
    cuts = [
        [total],
        [1] * min(total, 400) + [total - min(total, 400)],
        [total // 3, 0, total - total // 3],
    ]
    files = [write(tmp_path / f"{n}.parquet", sizes) for n, sizes in enumerate(cuts)]
    assert len({hashlib.sha256(file.read_bytes()).hexdigest() for file in files}) == 1
    found = pq.ParquetFile(files[0]).metadata
    groups = [found.row_group(i).num_rows for i in range(found.num_row_groups)]
    assert groups == [1000] * (total // 1000) + [total % 1000] * (total % 1000 > 0)
    assert pq.read_table(files[0])["n"].to_pylist() == list(range(total))


def test_settings_of_a_file(tmp_path):
    path = write(
        tmp_path / "t.parquet", [2500], metadata=dump_metadata({"a": "é"}), sorted_by=["n"]
    )
    found = pq.ParquetFile(path).metadata
    for group in map(found.row_group, range(found.num_row_groups)):
        assert [(c.column_index, c.descending, c.nulls_first) for c in group.sorting_columns] == [
            (0, False, False)
        ]
        for column in map(group.column, range(2)):
            assert column.compression == "ZSTD"
            assert column.has_offset_index and column.has_column_index
            assert column.statistics.has_min_max
    assert read_metadata(path) == {"a": "é"}
    assert describe(path)["rows"] == 2500
    assert list(tmp_path.iterdir()) == [path]


def test_sorting_column_behind_a_struct(tmp_path):
    """Parquet numbers the leaves, not the columns."""
    schema = pa.schema(
        [
            (
                "s",
                pa.struct(
                    {"a": pa.int8(), "l": pa.list_(pa.struct({"x": pa.int8(), "y": pa.int8()}))}
                ),
            ),
            ("n", pa.int64()),
        ]
    )
    batch = pa.record_batch([pa.nulls(2, schema.field("s").type), pa.array([1, 2])], schema=schema)
    path = tmp_path / "t.parquet"
    write_parquet([batch], schema, path, row_group_rows=1000, metadata={}, sorted_by=["n"])
    group = pq.ParquetFile(path).metadata.row_group(0)
    index = group.sorting_columns[0].column_index
    assert group.column(index).path_in_schema == "n"


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"before")

    def failing():
        yield from batches([1500])
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        write_parquet(failing(), SCHEMA, path, row_group_rows=1000, metadata={})
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_converted_table(tmp_path):
    converter = Converter(tmp_path)
    rows = [(f"{i * 37 % 96:02d}", i) for i in range(3000)]
    text = "dep;n;day;at;kind\n" + "".join(
        f"{dep};{n};2024-01-{n % 28 + 1:02d};2024-01-01T00:00:{n % 60:02d};A\n" for dep, n in rows
    )
    keys = {"columns": {"kind": "category"}, "sort_by": ["dep"], "row_group_rows": 1000}
    table = converter.table(text, **keys)
    assert [str(field.type) for field in table.schema] == [
        "string",
        "int64",
        "date32[day]",
        "timestamp[us]",
        "string",
    ]
    # a total order: by dep, then by all other columns
    keys = list(zip(*(table[name].to_pylist() for name in ("dep", "kind", "n")), strict=True))
    assert keys == sorted(keys)
    found = pq.ParquetFile(converter.target).metadata
    assert found.num_row_groups == 3
    sorting = found.row_group(0).sorting_columns[0]
    assert found.row_group(0).column(sorting.column_index).path_in_schema == "dep"
    # a filter reads one row group of three
    fragment = next(ds.dataset(converter.target).get_fragments())
    assert len(fragment.split_by_row_group(ds.field("dep") == "95")) == 1
    assert table["day"][0].as_py() == datetime.date(2024, 1, 1)


def test_a_category_can_be_grouped_and_sorted_by(tmp_path):
    """In pyarrow, whatever values the row groups hold; and Parquet keeps each value once."""
    text = "kind;n\n" + "".join(f"{'CBA'[n // 1000]};{n}\n" for n in range(3000))
    keys = {"columns": {"kind": "category"}, "row_group_rows": 1000}
    table = Converter(tmp_path).table(text, **keys)
    counted = table.group_by("kind").aggregate([("n", "count")])
    assert sorted(counted["kind"].to_pylist()) == ["A", "B", "C"]
    assert counted["n_count"].to_pylist() == [1000] * 3
    assert table.sort_by("kind")["kind"].to_pylist() == sorted("ABC" * 1000)
    group = pq.ParquetFile(tmp_path / "t.parquet").metadata.row_group(1)
    assert group.column(0).has_dictionary_page


def test_only_what_repeats_has_a_dictionary(tmp_path):
    """And metadata that are known last stand where all readers look."""
    struct = pa.array([{"x": n % 3} for n in range(2000)])
    table = pa.table({"a.b": range(2000), "n": [n % 9 for n in range(2000)], "s": struct})
    path, noted = tmp_path / "t.parquet", []

    def rows():
        yield from table.to_batches()
        noted.append(1)

    def final_metadata():
        return dump_metadata({"rows": len(noted)})

    options = {"row_group_rows": 1000, "metadata": {b"k": b"v"}, "final_metadata": final_metadata}
    write_parquet(rows(), table.schema, path, **options)
    group = pq.ParquetFile(path).metadata.row_group(1)
    columns = [group.column(index) for index in range(3)]
    assert [c.has_dictionary_page for c in columns] == [False, True, True]
    assert read_metadata(path) == {"rows": 1}
    assert pq.read_schema(path).metadata[b"k"] == pq.read_metadata(path).metadata[b"k"] == b"v"
    assert pq.read_table(path).cast(table.schema).equals(table)
