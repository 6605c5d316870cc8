"""The terminal of a run as its user reads it, and results/run.json."""

import copy
import json
import os
import re
import signal
import subprocess
import threading

import pytest

from diffusion.run.plan import changed_keys, jobs_line
from fetches import Answer, Asked, Scripted
from projects import Project, folder_state, merge

WRONG = {  # three sources, wrong in three ways; a fourth is right
    "project": {"name": "wrong", "licence": "Licence Ouverte 2.0"},
    "vintage": "1",
    "storage": {"url": "published", "raw": "raw"},
    "sources": {
        "missing": {"from": "file", "url": "nowhere.csv"},
        "renamed": {"from": "file", "url": "a.csv", "columns": {"kode": "string"}},
        "twice": {"from": "file", "url": "a.csv", "checks": {"unique": ["code"]}},
        "right": {"from": "file", "url": "a.csv"},
    },
}
SNAKEMAKES = re.compile(
    "RuleException|CalledProcessError|WorkflowError|Traceback|whole story|jobid|Complete log|"
    "Select jobs|Provided|Elapsed|steps|Reason"
)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("wrong"), WRONG)
    project.path("a.csv").write_text("code,n\n1,2\n1,3\n")
    return project, project.fail()


def ended(project: Project) -> dict:
    return json.loads(project.path("results/run.json").read_text())


def test_what_went_wrong_stands_once_and_last(wrong):
    _, words = wrong
    assert not SNAKEMAKES.search(words), words
    before, heading, last = words.partition("\nWhat went wrong (3):\n")
    assert heading, words
    assert re.findall("^✗ (.*)$", last, re.MULTILINE) == [
        *sorted(["fetch_raw missing", "convert_table renamed"], key=last.index),
        "check_table twice",
    ]
    for once in ("there is no file nowhere.csv", "not in the data: `kode`", "1 repeated key"):
        assert last.count(once) == 1 and once not in before
    assert re.search(
        r"^  sources\.twice\.checks\.unique \(config/config\.yaml, line \d+\): 2 of 2 rows are "
        r"duplicated \(1 repeated key\): code 1 \(2 times, first in row 1\) \[checks\]$",
        last,
        re.MULTILINE,
    ), last
    assert "✗ publish_sources" not in words, "one line for one fault"
    assert last.rstrip().endswith("\nMade, but not published: right")
    assert "✓ right " in before, "what can be done is done, whatever is wrong with another"


def test_how_a_failed_run_ended(wrong):
    project, _ = wrong
    run = ended(project)
    states = {name: entry["state"] for name, entry in run["entries"].items()}
    assert run["status"] == "failed" and run["seconds"] > 0
    assert states == {"missing": "failed", "renamed": "failed", "twice": "failed", "right": "made"}
    reason = "not published, as missing, renamed, twice failed"
    assert run["entries"]["right"]["reason"] == reason
    errors = {error["entry"]: error for error in run["errors"]}
    assert errors["missing"] == {
        "entry": "missing",
        "job": "fetch_raw missing",
        "code": "no-file",
        "where": "sources.missing.url",
        "error": "there is no file nowhere.csv",
        "remedy": "check the path: it is looked for from the folder of the project",
    }
    assert errors["twice"]["where"].startswith("sources.twice.checks.unique (config/config.yaml")
    assert errors["renamed"]["remedy"].startswith("the data have: code, n\ncorrect `columns:`")


@pytest.mark.slow
def test_a_failed_check_is_told_again_though_its_job_does_not_run_again(wrong):
    project, _ = wrong
    words = project.fail()
    assert "What went wrong (3):" in words and "1 repeated key" in words
    config = copy.deepcopy(WRONG)
    config["sources"]["twice"] |= {"vintage": "2", "url": "gone.csv"}
    project.configure(config)
    words = project.fail()
    assert "there is no file gone.csv" in words and "1 repeated key" not in words, (
        "it is not of now"
    )
    project.configure(WRONG)


def test_a_run_a_plan_and_nothing_to_do(tmp_path):
    right = WRONG["sources"]["right"] | {"licence": "CC0"}
    config = WRONG | {"sources": {"right": right}}
    project = Project(tmp_path, config)
    project.path("a.csv").write_text("code,n\n1,2\n1,3\n")
    plan = project.run("-n")
    assert re.search("^  right +fetch, convert +not there yet$", plan, re.MULTILINE), plan
    assert re.search("^  all sources +publish +not there yet$", plan, re.MULTILINE), plan
    assert not project.path("results").exists(), "a plan leaves nothing"
    words = project.run()
    assert not SNAKEMAKES.search(words) and len(words.splitlines()) < 15, words
    assert re.search(r"^✓ right  2 rows, 2 checks passed, [\d.]+ s$", words, re.MULTILINE), words
    assert words.count("\n", words.index("\nPublished to published/:\n")) < 8, words
    assert ended(project)["status"] == "succeeded"
    assert ended(project)["entries"]["right"]["state"] == "published"
    again = project.run()
    assert "Nothing to be done" in again and "\nright.parquet " in again
    assert ended(project)["entries"]["right"]["state"] == "unchanged"
    assert ended(project)["status"] == "nothing to do"
    project.path("published/right.parquet").unlink()
    plan = project.run("-n")
    assert "published/right.parquet is gone: published again\nNothing is to be made" in plan, plan
    assert not project.path("published/right.parquet").exists() and "all requested" not in plan
    assert "published/right.parquet is gone: published again" in project.run()
    project.run()
    project.run("--touch", "--forceall")
    assert ended(project)["status"] == "nothing to do", "which makes nothing, and is no run"
    profile = tmp_path / "touching"
    profile.mkdir()
    usual = (project.repository / "profiles/default/config.yaml").read_text()
    (profile / "config.yaml").write_text(f"{usual}\ntouch: true\n")
    project.configure(config | {"vintage": "2"})
    before = folder_state(project.path("results") / "tables")
    said = {
        re.search("✗ --touch: it would mark as up to date.*", project.fail(*asked, profile=place))[
            0
        ]
        for asked, place in ((["--touch"], "profiles/default"), ([], profile))
    }
    assert len(said) == 1 and said.pop().endswith("as the configuration is now: right [not-made]")
    assert folder_state(project.path("results") / "tables") == before
    project.configure(config)
    project.run()
    checks = {"rows": [3, None], "warn": ["rows"]}
    project.configure(merge(copy.deepcopy(config), {"sources": {"right": {"checks": checks}}}))
    plan = project.run("-n")
    why = "its `checks` have not run as they are now"
    assert re.search(f"^  right +check +{why}$", plan, re.MULTILINE), plan
    misspelt = {"checks": {"unique": ["kode", "m"]}, "columns": {"m": "int"}}
    project.configure(merge(copy.deepcopy(config), {"sources": {"right": misspelt}}))
    plan = project.run("-n")
    said = "! sources.right.checks.unique: the table that was made last has no column `kode`; did "
    assert f"{said}you mean `code`?\n" in plan and "column `m`" not in plan, plan
    merge(config, {"sources": {"right": {"columns": {"n": "float"}, "checks": checks}}})
    project.configure(config)
    plan = project.run("-n")
    assert re.search("^  right +convert, check +`columns` changed$", plan, re.MULTILINE), plan
    words = project.run()
    assert words.count("✓ right  2 rows (same), 1 check passed, 1 warns, ") == 1
    warning = "rows: the table has 2 rows; at least 3 wanted"
    assert f"\n! right: {warning}\n" in words
    assert ended(project)["entries"]["right"]["warnings"] == [warning]


def test_what_was_never_fetched_has_not_changed(tmp_path):
    """Snakemake notes what a job was asked for though it failed."""
    config = {**WRONG, "sources": {"a": {"from": "file", "url": "aa.csv"}}}
    project = Project(tmp_path, config)
    project.path("a.csv").write_text("code,n\n1,2\n1,3\n")
    project.fail()
    project.configure({**config, "sources": {"a": {"from": "file", "url": "a.csv"}}})
    plan = project.run("-n")
    assert re.search("^  a +fetch, convert +not there yet$", plan, re.MULTILINE), plan


def test_a_refused_configuration(tmp_path):
    derive = {"d": {"sql": "nofile.sql", "inputs": ["right"]}}
    project = Project(tmp_path, WRONG | {"project": {"nam": "x"}, "derive": derive})
    words = project.fail()
    assert "✗ configuration: 3 errors\n\nproject.name (config/config.yaml, line 1): miss" in words
    assert "there is no file scripts/derive/nofile.sql [no-file]\n  → files there: " in words
    assert not re.search(r'File "|ConfigError', words), words
    assert ended(project)["status"] == "refused"
    errors = ended(project)["errors"]
    assert [(error["entry"], error["error"].split(":")[0]) for error in errors] == [
        ("", "missing"),
        ("", "unknown key"),
        ("d", "there is no file scripts/derive/nofile.sql"),
    ]
    assert errors[1]["remedy"].startswith("did you mean `name`?")
    project.path("config/config.yaml").write_text("project: {name: x\n")
    plain = project.command()
    at = plain.index("--configfile")  # which is read before anything of this project
    done = subprocess.run(
        [*plain[:at], *plain[at + 2 :]], cwd=tmp_path, text=True, capture_output=True, check=False
    )
    assert done.returncode != 0 and not SNAKEMAKES.search(done.stderr), done.stderr
    assert "✗ config/config.yaml: is not valid YAML: " in done.stderr and "at line 2" in done.stderr
    assert "is not valid YAML" in ended(project)["errors"][0]["error"]


def test_snakemakes_own_words(wrong):
    project, _ = wrong
    words = project.fail("--verbose")
    assert "CalledProcessError" in words and "What went wrong (3):" in words


def test_silent_and_no_louder(wrong):
    project, _ = wrong
    words = project.fail("--quiet", "all").partition("\n")[2]  # after Snakemake's word of a profile
    assert words.startswith("\nWhat went wrong (3):\n") and "1 repeated key" in words
    assert not SNAKEMAKES.search(project.fail("-q")), "asks for less than Snakemake says"
    config = copy.deepcopy(WRONG)
    config["sources"] = {"right": {**WRONG["sources"]["right"], "colums": {}}}
    project.configure(config)
    assert "did you mean `columns`? Every key: " in project.fail("--quiet", "all")
    del config["sources"]["right"]["colums"]
    project.configure(config)
    assert project.run("--quiet", "all").count("\n") == 1
    project.configure(WRONG)


def test_a_long_job_shows_where_it_is_and_an_interrupted_run_says_so(tmp_path):
    asked, go_on = threading.Event(), threading.Event()

    def answer(_: Asked) -> Answer:
        asked.set()
        go_on.wait(60)
        return Answer(body=b"n\n1\n")

    with Scripted(answer) as server:
        source = {"from": "file", "url": server.url + "/a.csv"}
        project = Project(tmp_path, WRONG | {"sources": {"slow": source}})
        with subprocess.Popen(
            project.command(),
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as run:
            words = ""
            while "…" not in words:
                words += run.stderr.readline()
            assert (ended(project)["status"], ended(project)["pid"]) == ("running", run.pid)
            project.fail()
            assert ended(project)["status"] == "running", "it is not that of a run that is refused"
            os.killpg(run.pid, signal.SIGINT)  # as Ctrl-C does
            words += run.stderr.read()
            assert run.wait(30) != 0
        go_on.set()
    assert asked.is_set()
    assert re.search(r"^… fetch_raw slow: under way, 1\d s so far$", words, re.MULTILINE), words
    assert not SNAKEMAKES.search(words) and "✗" not in words, words
    assert words.endswith(
        "Interrupted: fetch_raw slow. What is finished is kept: run `snakemake` again to go on.\n"
    )
    assert ended(project)["status"] == "interrupted"
    assert ended(project)["entries"]["slow"]["state"] == "interrupted"


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("'2024'", "'2025'", "2024 → 2025"),
        ("""'{"columns":{"n":"int"}}'""", """'{"sort_by":["n"]}'""", "`columns`|`sort_by`"),
        ("""'{}'""", f"'{json.dumps(dict.fromkeys('abcdefg', 1))}'", "`e`|2 more keys changed"),
        ("'code a'", "'code b'", "the code of its rule changed"),
        ("'code a m.sql=b'", "'code a m.sql=c'", "`m.sql` changed"),
        ("<nothing exclusive>", "['a']", "its configuration changed"),
    ],
)
def test_parameters_that_differ_in_words(before, now, words):
    found = changed_keys(before, now)
    assert all(word in found for word in words.split("|"))
    assert "`m.sql`" not in words or "rule" not in found


def test_jobs_in_one_line():
    assert jobs_line({"fetch_raw": 3, "all": 1, "total": 4}) == "3 jobs: fetch_raw 3"
