"""The memory of a job does not grow with the data: 150 MB sorted within 600 MiB."""

import pytest

from conversions import Job, write_text

MEMORY = 600  # MiB: mem_mb of the job


@pytest.mark.slow
@pytest.mark.parametrize("threads", [2, 4])
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_memory(tmp_path, kind, threads):
    keys = {"sort_by": ["code"], "columns": {"v": "float", "day": "date"}}
    files = [write_text(tmp_path / f"{size}.{kind}", size) for size in (50, 150)]
    small, large = (Job(tmp_path / f.stem, f, threads, MEMORY, keys).peak() for f in files)
    assert large < MEMORY, (small, large)
    assert large < 2 * small, (small, large)
