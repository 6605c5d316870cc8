"""The report: when it is asked for, and that no path of the machine is in it."""

from pathlib import Path

import pytest

from diffusion.catalogue.page.place import Place
from diffusion.run.reporting import _address, _benchmarks
from diffusion.run.workflow import makes_report


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["--report"], True),
        (["--report", "r.html", "--report-after-run"], True),
        (["--report=r.zip"], True),
        (["--reporter", "html"], True),
        (["--cores", "2", "report.html"], False),
        (["--report-stylesheet", "x.css"], False),
        (["--reason"], False),
    ],
)
def test_a_report_is_asked_for_by_the_command_line(monkeypatch, asked, found):
    monkeypatch.setattr("sys.argv", ["snakemake", *asked])
    assert makes_report() is found


@pytest.mark.parametrize(
    ("url", "public", "said"),
    [
        ("published", "", ("published/a b.csv", "published/a%20b.csv")),
        ("{here}/published", "", ("published/a b.csv", "published/a%20b.csv")),
        ("/srv/data", "", ("a b.csv", "")),
        ("/srv/data", "https://x.example/", ("a b.csv", "https://x.example/a%20b.csv")),
        ("s3://b/p", "", ("s3://b/p/a b.csv", "")),
        ("s3://b/p", "https://x.example/", ("s3://b/p/a b.csv", "https://x.example/a%20b.csv")),
    ],
)
def test_an_address_is_no_path_of_this_machine(tmp_path, monkeypatch, url, public, said):
    monkeypatch.chdir(tmp_path)
    assert _address(Place(public), url.format(here=Path.cwd()), "a b.csv") == said


def test_run_times_are_those_of_the_last_run(tmp_path):
    folder = tmp_path / "convert_table"
    folder.mkdir()
    (folder / "a.tsv").write_text("s\tmax_rss\tcpu_time\n9\t1\t1\n2.26\tNA\t1.5\n")
    (folder / "cut.tsv").write_text("")
    (job,) = _benchmarks(tmp_path)
    assert job == {
        "rule": "convert_table",
        "of": "a",
        "s": 2.3,
        "max_rss": None,
        "cpu_time": 1.5,
    }
