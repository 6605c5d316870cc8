"""The project that config/config.yaml ships with; nothing here is run once a team wrote its own."""

import subprocess
import sys

import pandas as pd
import pytest
import yaml

from demo import give_filosofi
from projects import REPOSITORY, Project, on_standins
from standins.dpe import dpe_count

SHIPPED = "my-project"
EXAMPLES = REPOSITORY / "config" / "examples"
SCHEMA = REPOSITORY / "workflow" / "schemas" / "config.schema.yaml"


@pytest.fixture(scope="module")
def config() -> dict:
    """What config/config.yaml says, as long as it is ours."""
    config = yaml.safe_load((REPOSITORY / "config" / "config.yaml").read_text("utf-8"))
    if config["project"]["name"] != SHIPPED:
        pytest.skip("NOT RUN: the project has made config/config.yaml its own")
    return config


def test_it_runs_end_to_end(config, project, sources, s3):
    """Against the stand-ins; all else is as it is shipped."""
    give_filosofi(s3)
    mine: Project = project(on_standins(config, sources.url), s3.environment())
    mine.run()
    communes = pd.read_parquet(mine.path("published/logements_par_commune.parquet"))
    rows = communes.set_index("commune")
    assert list(rows.index) == ["01450", "2A004"]
    assert list(rows["logements"]) == [dpe_count("01450"), dpe_count("2A004")]
    assert list(rows["departement"]) == ["Ain", "Corse-du-Sud"]
    assert rows["nom"]["2A004"] == "Ajaccio"
    assert rows["part_fg"].between(0, 1, inclusive="neither").all()
    assert "Nothing to be done" in mine.run()


def snakemake(*arguments: str) -> tuple[int, str]:
    """Run Snakemake in the repository itself, as a newcomer does."""
    command = [sys.executable, "-m", "snakemake", *arguments]
    done = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("argument", ["--dry-run", "--lint", "--rulegraph"])
def test_it_plans_without_account_or_network(config, argument):
    code, words = snakemake(argument)
    assert code == 0, words


def test_sspcloud_without_bucket_says_what_to_export(config):
    code, words = snakemake("-n", "--workflow-profile", "profiles/sspcloud")
    assert code != 0
    assert "the variable DIFFUSION_BUCKET is not set" in words
    assert "export DIFFUSION_BUCKET=" in words


def test_the_first_line_names_the_schema_for_editors(config):
    for path in (REPOSITORY / "config/config.yaml", *EXAMPLES.rglob("*.yaml")):
        first = path.read_text("utf-8").splitlines()[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve() == SCHEMA, path
