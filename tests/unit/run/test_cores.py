"""How many cores a job takes: by what it reads, as far as that is there."""

from pathlib import Path

import pytest

from diffusion.base.json_files import write_json
from diffusion.run.cores import MOST, SMALL, cores_for


def receipt(folder: Path, *sizes: int) -> str:
    path = folder / f"{len(list(folder.iterdir()))}.json"
    files = [{"name": "x", "size": size} for size in sizes]
    write_json(path, {"partitions": {"a": {"files": files}, "b": {"files": files}}})
    return str(path)


@pytest.mark.parametrize(("size", "cores"), [(SMALL // 4, 1), (SMALL // 4 + 1, MOST)])
def test_small_raw_copies_take_one_core(tmp_path: Path, size: int, cores: int) -> None:
    assert cores_for([receipt(tmp_path, size), receipt(tmp_path, size)]) == cores


@pytest.mark.parametrize(("size", "cores"), [(SMALL, 1), (SMALL + 1, MOST)])
def test_small_tables_take_one_core(tmp_path: Path, size: int, cores: int) -> None:
    table = tmp_path / "t.parquet"
    table.write_bytes(b"\0" * size)
    assert cores_for([str(table)]) == cores


def test_what_is_not_there_or_damaged_may_be_large(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(b"{")
    assert cores_for([str(tmp_path / "none.json")]) == cores_for([str(damaged)]) == MOST
