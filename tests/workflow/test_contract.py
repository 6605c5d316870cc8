"""What `diffusion.run.workflow` takes from Snakemake means what it says, with the one installed.

A test that fails here says what a new version moved: mend that function, then the version it names.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from diffusion.run.workflow import asked_for
from projects import REPOSITORY

SNAKEFILE = """
import json, os, sys, threading
sys.path.append(os.environ["LIBRARY"])
from diffusion.run import workflow as asked


def note(when):
    facts = dict(
        when=when,
        files=list(map(str, asked.config_files(workflow))),
        main=asked.is_main(workflow),
        here=asked.converts_here(workflow),
        prefix=asked.work_prefix(workflow),
        shares=asked.shares_files(workflow),
        basedir=str(workflow.basedir),
        config=dict(config),
        touches=when == "ended" and asked.only_touches(workflow),
        forced=when != "read" and asked.is_forced(workflow),
        pandas="pandas" in sys.modules,
        waited_for=[str(thread) for thread in threading.enumerate() if not thread.daemon],
        recorded=asked.has_record("made"),
        believes=asked.believes_records(workflow),
    )
    with open("facts.jsonl", "a") as out:
        print(json.dumps(facts), file=out)
    return []


configfile: "own.yaml"


note("read")
asked.import_no_pandas()
asked.end_with_the_last_job()


rule all:
    input:
        lambda wildcards: note("built"),
        "made",
    output:
        "done",
    params:
        any=1,
    run:
        open(output[0], "w")


rule whole:
    input:
        "done",


rule make:
    output:
        "made",
    params:
        any=1,
        words=["a", "b"],
    script:
        "make.py"


onsuccess:
    note("ended")
"""
SCRIPT = """
from json import dump

dump([snakemake.params.any, snakemake.params.words, snakemake.params[1]], open("made", "w"))
"""
ONE_AT_A_TIME = """
import json, os, sys, time
sys.path.append(os.environ["LIBRARY"])
from diffusion.run import workflow as asked

asked.let_one_run_at_a_time(workflow, "host_a")


rule all:
    input:
        expand("{i}.taken", i=range(3)),


rule take:
    output:
        "{i}.taken",
    resources:
        host_a=1,
    run:
        start = time.time()
        time.sleep(0.3)
        json.dump([start, time.time()], open(output[0], "w"))
"""
GIVEN = """
import os, sys
from pathlib import Path
sys.path.append(os.environ["LIBRARY"])
from diffusion.run import plain_values

plain_values.give_scripts_plain_values(Path(workflow.basedir) / "own")
config["of"] = {"all": [1]}


rule all:
    input:
        "own.json",
        "mine.json",
        "other.json",

"""
NOTES = """

rule FOLDER:
    input:
        one="Snakefile",
        several=["own/note.py", "other/note.py"],
        none=[],
    output:
        result="{name,FOLDER}.json",
    params:
        words=["a", "b"],
        number=1,
    log:
        "{name}.log",
    resources:
        mem_mb=70,
    script:
        "PLACE"
"""
OURS = "# from diffusion.base.joblog import job_log\n"
NOTE = """
import json, sys

given = snakemake
files = [given.input.one, list(given.input.several), list(given.input.none)]
params = [given.params.words, given.params.number, given.threads, given.resources.mem_mb]
values = [*files, *params, given.wildcards.name, given.log[0], given.config["of"]]
with open(given.output.result, "w") as file:
    json.dump(["snakemake" in sys.modules, values], file)
"""
S3 = ("--default-storage-provider", "s3", "--default-storage-prefix", "s3://lake/work")


@pytest.fixture
def snakemake(tmp_path: Path, monkeypatch):
    """Run Snakemake on the Snakefile above, in a folder beside it; returns the facts noted."""
    monkeypatch.setenv("LIBRARY", str(REPOSITORY / "scripts"))
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "code" / "make.py").write_text(SCRIPT)
    folder = tmp_path / "work"
    folder.mkdir()
    for name in ("own", "first", "second"):
        (folder / f"{name}.yaml").write_text(f"name: {name}\n{name}: 1\n")

    def run(*arguments: str) -> list[dict]:
        command = [sys.executable, "-m", "snakemake", "-s", "../code/Snakefile", *arguments]
        done = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
        facts = folder / "facts.jsonl"
        assert facts.exists(), done.stderr
        noted = [json.loads(line) for line in facts.read_text().splitlines()]
        facts.unlink()
        return noted

    return run


def test_a_run_and_its_job(snakemake, tmp_path):
    noted = snakemake("whole", "--cores", "1", "--configfile", "first.yaml", "second.yaml")
    assert (tmp_path / "work" / "done").exists()
    main, job = (list(filter(lambda fact: fact["main"] is side, noted)) for side in (True, False))
    assert [fact["when"] for fact in main] == ["read", "built", "ended"]
    assert not any(fact["forced"] for fact in main)
    assert main[0]["pandas"] or not main[-1]["pandas"], "an executor's plugin may import it"
    assert len(main[-1]["waited_for"]) == 1, "the main thread: nothing else keeps a run from ending"
    assert json.loads((tmp_path / "work" / "made").read_text()) == [1, ["a", "b"], ["a", "b"]]
    assert (main[0]["recorded"], main[-1]["recorded"]) == (False, True)
    assert main[0]["believes"]
    assert job, "a `run:` job is a process of its own, and not the main one"
    for fact in noted:
        assert [Path(file).name for file in fact["files"]][-2:] == ["first.yaml", "second.yaml"]
        assert fact["config"]["name"] == "second", "later files win"
        assert Path(fact["basedir"]).is_absolute()
        assert Path(fact["basedir"]).samefile(tmp_path / "code")
        assert not fact["prefix"]
        assert fact["shares"] is True
        assert fact["here"] is True
    assert [Path(file).name for file in main[0]["files"]] == [
        "own.yaml",
        "first.yaml",
        "second.yaml",
    ]


def test_a_run_that_only_touches(snakemake):
    made = snakemake("--cores", "1")
    touched = snakemake("--cores", "1", "--touch", "--forceall")
    assert not made[-1]["touches"]
    assert [fact["touches"] for fact in touched if fact["when"] == "ended"] == [True]


@pytest.mark.parametrize("force", [["--forceall"], ["--forcerun", "all"], ["--force"]])
def test_a_forced_plan(snakemake, force):
    _, built = snakemake("--dry-run", *force)
    assert built["forced"]


@pytest.mark.parametrize("plan", [["--dry-run"], ["--rulegraph"]])
def test_a_plan(snakemake, plan):
    read, built = snakemake(*plan)
    assert (read["when"], built["when"]) == ("read", "built")
    assert built["main"] is True
    assert read["files"] == ["own.yaml"]


def test_the_linter_with_results_on_s3(snakemake):
    """It builds no graph and asks no server."""
    (read,) = snakemake("--lint", *S3, "--shared-fs-usage", "none")
    assert read["prefix"] == "s3://lake/work"
    assert read["shares"] is False


def test_what_there_is_one_of_is_taken_by_one_job_at_a_time(tmp_path):
    """Also by a profile's greedy scheduler, and with the cores for all."""
    (tmp_path / "Snakefile").write_text(ONE_AT_A_TIME)
    command = [sys.executable, "-m", "snakemake", "--cores", "4", "--scheduler", "greedy"]
    environment = os.environ | {"LIBRARY": str(REPOSITORY / "scripts")}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    spans = sorted(json.loads(path.read_text()) for path in tmp_path.glob("*.taken"))
    assert len(spans) == 3
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_scripts_of_this_project_are_given_plain_values(tmp_path):
    """They need not import Snakemake for them; others, also beside them, are given its own."""
    scripts = {"own": "own/note.py", "mine": "own/mine.py", "other": "other/note.py"}
    rules = [NOTES.replace("FOLDER", rule).replace("PLACE", at) for rule, at in scripts.items()]
    (tmp_path / "Snakefile").write_text("".join([GIVEN, *rules]))
    for script in scripts.values():
        (tmp_path / script).parent.mkdir(exist_ok=True)
        (tmp_path / script).write_text(NOTE if "mine" in script else OURS + NOTE)
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    environment = os.environ | {"LIBRARY": str(REPOSITORY / "scripts")}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    own, mine, other = (json.loads((tmp_path / f"{name}.json").read_text()) for name in scripts)
    values = ["Snakefile", ["own/note.py", "other/note.py"], [], ["a", "b"], 1, 1, 70]
    assert own == [False, [*values, "own", "own.log", {"all": [1]}]]
    assert mine == [True, [*values, "mine", "mine.log", {"all": [1]}]]
    assert other == [True, [*values, "other", "other.log", {"all": [1]}]]


@pytest.mark.parametrize(
    ("typed", "names", "alone"),
    [
        (["--cores", "1"], (), False),
        (["rents", "-n"], ("rents",), True),
        (["rents", "towns", "rents"], ("rents", "towns"), True),
        (["all", "rents"], ("rents",), False),
        (["-R", "rents"], (), False),
        (["--configfile", "rents", "--", "towns"], ("towns",), True),
        (["results/tables/rents.parquet"], (), False),
    ],
)
def test_which_entries_are_targets(monkeypatch, typed, names, alone):
    monkeypatch.setattr(sys, "argv", ["snakemake", *typed])
    asked = asked_for(SimpleNamespace(is_main_process=True), ["rents", "towns"])
    assert (asked.names, asked.alone) == (names, alone)
    assert asked_for(SimpleNamespace(is_main_process=False), ["rents"]).names == ()
