# Everything the rules share: the resolved configuration, the lists of jobs, the functions that
# say what a rule reads and what it depends on. No rule stands here.
# Edit this when a rule needs to know more; users edit config/ only.

import sys
from pathlib import Path

PROJECT = Path(workflow.basedir).parent
sys.path.append(str(PROJECT / "scripts"))

from diffusion.base.trust import trust_one_file
from diffusion.config.parts import as_text
from diffusion.publish.receipts import is_published
from diffusion.run import workflow as snakemakes
from diffusion.run.interruption import clear_stale_lock, explain_killed, stop_on_sigterm
from diffusion.run.jobs import Jobs
from diffusion.run.kubernetes import patch_executor
from diffusion.run.preflight import check_storage
from diffusion.run.slurm import cancel_leftovers

JOBS = Jobs.from_config(config, snakemakes.config_files(workflow), PROJECT)
# scripts find in `config` what was resolved: variables replaced, defaults left out
config.clear()
config.update(JOBS.resolved())
config["converts_here"] = snakemakes.converts_here(workflow)
if snakemakes.is_main(workflow):
    patch_executor()
    check_storage(JOBS.config.storage, snakemakes.work_prefix(workflow))
    RUN_LOCK = clear_stale_lock()  # held until this process ends
trust_one_file()


onstart:
    if snakemakes.is_main(workflow):
        cancel_leftovers()
        stop_on_sigterm()


onerror:
    for path in log:
        explain_killed(Path(path))


wildcard_constraints:
    unbatched=JOBS.pattern(JOBS.unbatched),
    batched=JOBS.pattern(JOBS.batched),
    source=JOBS.pattern(JOBS.sources),
    derived=JOBS.pattern(JOBS.derived_tables),
    figure=JOBS.pattern(JOBS.figures),
    table=JOBS.pattern(JOBS.tables),
    batch="[^/]+",


def record(path):
    """A log or benchmark of a job: in this folder, or with its results if no folder is shared.

    Not for local rules: snakemake-storage-plugin-s3 0.3.6 tells times in whole seconds, and a
    benchmark that looks older than an input makes its job run again. A job elsewhere starts seconds after its inputs.
    """
    return local(path) if snakemakes.shares_files(workflow) else path


def receipts(wildcards):
    """The fetch receipts of a source, in the order of its batches."""
    name = wildcards.get("unbatched") or wildcards.table
    batches = JOBS.batches.get(name, [])
    return [f"results/raw/{name}/{batch}.json" for batch in batches]


def parts(wildcards):
    """The parts of a source with several batches."""
    name = wildcards.batched
    return [f"results/parts/{name}/{batch}.parquet" for batch in JOBS.batches[name]]


def foreign_tables(wildcards):
    """The tables whose values the foreign keys of a table must be among."""
    return [
        f"results/tables/{name}.parquet"
        for name in JOBS.foreign_tables(wildcards.table)
    ]


def all_checks(wildcards):
    """Sources are published together or not at all: every source's checks.

    What is published as it is declared now waits for nobody: of others' checks only those that
    are there count, of any age, so that a change of one source, or a new one, does not publish
    the others again. (For a file that does not exist yet Snakemake 9.27 ignores `ancient`; and it
    overlooks a job that has to run when a job before it runs and all between is `ancient`:
    snakemake#4166. tests/workflow/test_workarounds.py shows both.)
    """
    table = wildcards.table
    if table not in JOBS.sources:
        return [f"results/checks/{table}.json"]
    made_from = [
        Path(f"results/{kind}")
        for kind in (f"tables/{table}.parquet", f"checks/{table}.json")
    ]
    receipt = Path(f"results/published/{table}.json")
    paths = [f"results/checks/{name}.json" for name in JOBS.sources]
    if not is_published(receipt, made_from, JOBS.spec(table)):
        return paths
    return [ancient(path) for path in paths if Path(path).exists()]


def member_receipts(wildcards):
    """The raw copies, for a table that is published with its member files."""
    return receipts(wildcards) if JOBS.members(wildcards.table) else []


def published_inputs(wildcards):
    """The receipts of the published tables that a derived entry reads."""
    name = wildcards.get("derived") or wildcards.figure
    return [f"results/published/{table}.json" for table in JOBS.derive[name].inputs]
