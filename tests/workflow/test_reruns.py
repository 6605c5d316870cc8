"""Only what depends on a change runs again."""

import json

from projects import folder_state, job_counts, merge


def planned(project, config, change) -> dict[str, int]:
    project.configure(merge(config, change))
    return job_counts(project.run("-n"))


def test_changes_run_what_depends_on_them(small):
    project, config = small()
    first = job_counts(project.run())
    assert first == {
        "fetch_raw": 3,
        "convert_part": 2,
        "combine_parts": 1,
        "convert_table": 1,
        "check_table": 2,
        "publish_table": 2,
    }
    assert "Nothing to be done" in project.run()

    plain = {"sources": {"plain": {"columns": {"population": "float"}}}}
    assert planned(project, config, plain) == {
        "convert_table": 1,
        "check_table": 1,
        "publish_table": 1,
    }
    project.run()

    vintage = {"sources": {"plain": {"vintage": "2026-02-02"}}}
    assert planned(project, config, vintage) == {
        "fetch_raw": 1,
        "convert_table": 1,
        "check_table": 1,
        "publish_table": 1,
    }
    project.run()

    check = {"sources": {"plain": {"checks": {"rows": [1, None]}}}}
    assert planned(project, config, check) == {"check_table": 1, "publish_table": 1}
    project.run()

    words = {"sources": {"plain": {"description": "other words"}}}
    assert planned(project, config, words) == {"publish_table": 1}
    project.run()

    more = {"sources": {"communes": {"partitions": {"departement": ["01", "2A", "2B"]}}}}
    assert planned(project, config, more) == {
        "fetch_raw": 1,
        "convert_part": 1,
        "combine_parts": 1,
        "check_table": 1,
        "publish_table": 1,
    }
    project.run()
    assert "Nothing to be done" in project.run()


def test_forced_rerun_asks_no_source_and_sends_nothing(small, standins):
    project, _ = small()
    project.run()
    asked, published = len(standins.requests), folder_state(project.path("published"))
    raw = folder_state(project.path("raw"))
    project.run("--forceall")
    assert len(standins.requests) == asked
    assert folder_state(project.path("published")) == published
    assert folder_state(project.path("raw")) == raw


def test_lock_is_written_and_a_difference_shows_both_sides(small, standins):
    project, _ = small()
    project.run("write_lock")
    lock = project.path("config/sources.lock.yaml")
    text = lock.read_text("utf-8")
    assert "departement=2A" in text
    old = next(line for line in text.splitlines() if "sha256" in line).split()[-1]
    lock.write_text(text.replace(old, "f" * 64), "utf-8")
    words = project.fail("--forcerun", "fetch_raw", "-k")
    for part in (
        "f" * 64,
        old,
        "locked:",
        "found:",
        "bytes",
        "retrieved",
        "diffusion lock --accept communes",
    ):
        assert part in words
    project.run("write_lock", "--forcerun", "fetch_raw", "--config", 'accept=["communes"]')
    assert lock.read_text("utf-8") == text


def test_a_table_that_waits_is_published_though_another_source_runs_too(small):
    """Snakemake alone would overlook it; see `all_checks` in workflow/rules/common.smk."""
    project, config = small()
    project.run()
    change = {"plain": {"description": "other words"}, "communes": {"vintage": "2026-03-03"}}
    project.configure(merge(config, {"sources": change}))
    project.run()
    published = json.loads(project.path("published/manifest.json").read_text())["tables"]
    assert published["plain"]["description"] == "other words"
    assert published["communes"]["vintage"] == "2026-03-03"
    assert "Nothing to be done" in project.run()
