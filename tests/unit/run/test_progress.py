"""What a run says of a job that takes long, by the job's log."""

import logging

import pytest

from diffusion.base import progress
from diffusion.base.progress import Progress, step
from diffusion.run.progress import last_progress

LAST = [
    ("INFO dpe commune=01450,year=2020: at 300 rows", "commune=01450,year=2020: at 300 rows"),
    ("INFO diffusion/x/y z.parquet: at 5.0 of 6.0 MB (83%)", "at 5.0 of 6.0 MB (83%)"),
    (
        "WARNING waiting: another run is asking h:80, and it is asked by one at a time",
        "waiting: another run is asking h:80, and it is asked by one at a time",
    ),
    (
        "WARNING sources.dpe: HTTP 503 from h; trying again in 3.0 s",
        "sources.dpe: HTTP 503 from h; trying again in 3.0 s",
    ),
    ("WARNING sources.dpe: 3 geometries repaired", None),
    ("INFO looked at 5", None),
]


@pytest.mark.parametrize(("line", "words"), LAST)
def test_what_is_told_of_a_line(tmp_path, line, words):
    log = tmp_path / "job.log"
    log.write_text(f"2026-01-01 00:00:00,001 {line}\n")
    assert last_progress([str(tmp_path / "not-here.log"), str(log)]) == words


def test_what_is_counted_and_which_step_it_is(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", -1)
    log = tmp_path / "job.log"
    handler = logging.FileHandler(log)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    caplog.set_level(logging.INFO, progress.logger.name)
    progress.logger.addHandler(handler)
    try:
        said = []
        for count in Progress("a", "B", 20_000_000).counted([bytes(5_000_000), bytes(1)]):
            said.append((len(count), last_progress([str(log)])))
        step("sorting the rows")
        said.append(last_progress([str(log)]))
        assert list(Progress("a", "partitions", 2).passed("xy")) == ["x", "y"]
        said.append(last_progress([str(log)]))
        Progress("a", "rows").add(1200)
        said.append(last_progress([str(log)]))
    finally:
        progress.logger.removeHandler(handler)
    assert said == [
        (5_000_000, "at 5.0 of 20.0 MB (25%)"),
        (1, "at 5.0 of 20.0 MB (25%)"),
        "sorting the rows",
        "at 2 of 2 partitions (100%)",
        "at 1,200 rows",
    ]
