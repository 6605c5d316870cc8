"""`diffusion partitions`: the values of a published column as the file of an axis."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from diffusion.config.parts import Project
from diffusion.publish.before import Entry, Upload
from diffusion.publish.objects import publish
from diffusion.publish.ownership import Target
from keeps import Keeper, kept

__all__ = ["kept"]  # a fixture
pytestmark = pytest.mark.s3
FILE = "config/code.csv"


def put(kept: Keeper, **columns: list) -> None:
    """Publish a table `communes`."""
    path, table = kept.folder / "made.parquet", pa.table(columns)
    pq.write_table(table, path)
    types = {"int64": "int", "double": "float"}
    facts = [{"name": f.name, "type": types.get(str(f.type), str(f.type))} for f in table.schema]
    noted = {"kind": "table", "rows": table.num_rows, "columns": facts}
    entry = Entry("communes", [Upload("communes.parquet", path)], noted)
    publish(Target(kept.published, Project(name="small")), [entry], kept.folder / "locks")


def test_written_compared_and_read(kept: Keeper, capsys) -> None:
    source = kept.config["sources"]["rents"]
    source["url"] = "https://example.org/{code}.csv"
    source["partitions"] = {"code": {"file": FILE}}  # it is not there yet
    kept.write()
    put(kept, code=["2A004", "01450", None, "01450"])
    assert kept.type("partitions", "communes", "code") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{FILE}: 2 values of communes.code",
        "1 rows have none and were left out",
        f"to use it: partitions: {{code: {{file: {FILE}, column: code}}}}",
        "Commit that file: it is part of the plan.",
    ]
    assert Path(FILE).read_bytes() == b"code\n01450\n2A004\n"
    put(kept, code=["01450", "97101"])
    assert kept.type("partitions", "communes", "code") == 0
    assert "1 added: 97101\n1 removed: 2A004\n" in capsys.readouterr().out


def test_what_is_no_axis(kept: Keeper, capsys) -> None:
    put(kept, code=["1"], share=[0.5], gone=pa.array([None], pa.string()))
    for arguments, words in (
        (("commune", "code"), "no such table is published in"),
        (("communes", "cod"), "there is no such column [axis]\n  → did you mean `code`?"),
        (("communes", "share"), "its type is float [axis]\n  → an axis has codes"),
        (("communes", "gone"), "no row has a value"),
    ):
        assert kept.type("partitions", *arguments) == 1
        assert words in capsys.readouterr().err
    Path(FILE).write_text("code,nom\n1,A\n")
    assert kept.type("partitions", "communes", "code") == 1
    assert "holds something else (its header is `code,nom`)" in capsys.readouterr().err
    assert Path(FILE).read_text() == "code,nom\n1,A\n"
