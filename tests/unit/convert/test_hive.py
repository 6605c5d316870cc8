"""Keys in the paths of members and objects: they become columns, as text."""

import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conversions import refusal


def archive(converter, **files: str):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as out:
        for name, text in files.items():
            out.writestr(name, text)
    return converter.file(data.getvalue(), "a.zip")


MANY = {"members": "many", "hive": True}


def test_keys_become_columns(converter):
    names = ["t/year=2023/dep=01/a.csv", "t/year=2024/dep=__HIVE_DEFAULT_PARTITION__/a.csv"]
    path = archive(converter, **{names[0]: "n\n1\n", names[1]: "n\n2\n"})
    found = converter.table(path, **MANY, columns={"year": "int"})
    assert found.schema.field("dep").type == pa.string()
    assert found.to_pylist() == [
        {"n": 1, "year": 2023, "dep": "01"},
        {"n": 2, "year": 2024, "dep": None},
    ]


def test_paths_as_spark_writes_them(converter):
    out = io.BytesIO()
    pq.write_table(pa.table({"n": [1]}), out)
    path = archive(converter, **{"t/nom=L%27Abergement/part-0.parquet": out.getvalue()})
    assert converter.table(path, **MANY).to_pylist() == [{"n": 1, "nom": "L'Abergement"}]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("t/a.csv", "its path has no key such as `year=2024/`"),
        ("t/a=1/a=2/a.csv", "its path has a key twice"),
    ],
)
def test_paths_without_keys(converter, name, words):
    assert words in refusal(converter, archive(converter, **{name: "n\n1\n"}), **MANY)
