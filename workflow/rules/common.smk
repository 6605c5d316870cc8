# Everything the rules share: the resolved configuration, the lists of jobs, the functions that
# say what a rule reads and what it depends on. No rule stands here.
# Edit this when a rule needs to know more; users edit config/ only.

import sys
from pathlib import Path

PROJECT = Path(workflow.basedir).parent
sys.path.insert(0, str(PROJECT / "scripts"))

from diffusion.run.interruption import clear_stale_lock, explain_killed, stop_on_sigterm
from diffusion.run.jobs import Jobs
from diffusion.run.kubernetes import mend_executor
from diffusion.run.preflight import check_storage
from diffusion.publish.receipts import is_published, spec_hash
from diffusion.run.s3_inputs import plugin_installed, remote_queries
from diffusion.run.slurm import cancel_leftovers
from diffusion.base.trust import trust_one_file

# later files win: those of the command line come after that of the Snakefile
GIVEN = list(workflow.overwrite_configfiles)
FILES = [*workflow.configfiles[len(GIVEN) :], *GIVEN]
JOBS = Jobs.from_config(config, FILES, PROJECT)
if workflow.is_main_process:
    mend_executor()
    check_storage(JOBS.config, workflow.storage_settings.default_storage_prefix)
    RUN_LOCK = clear_stale_lock()  # held until this process ends
trust_one_file()
REGISTERED = set()


onstart:
    if workflow.is_main_process:
        cancel_leftovers()
        stop_on_sigterm()


onerror:
    for path in log:
        explain_killed(Path(path))


wildcard_constraints:
    single=JOBS.pattern(JOBS.single),
    dealt=JOBS.pattern(JOBS.dealt),
    source=JOBS.pattern(JOBS.sources),
    derived=JOBS.pattern(JOBS.derived_tables),
    figure=JOBS.pattern(JOBS.figures),
    table=JOBS.pattern(JOBS.tables),
    batch="[^/]+",


def record(path):
    """A log or benchmark of a job: in this folder, or with its results if no folder is shared.

    Not for local rules: storage tells times in whole seconds, and a benchmark that looks older
    than an input makes its job run again. A job elsewhere starts seconds after its inputs.
    """
    return local(path) if workflow.storage_settings.shared_fs_usage else path


def remote_objects(wildcards):
    """The S3 objects that a fetch needs, as remote inputs; none once they are frozen.

    A plan (dry run, graph, lint) needs neither network nor plugin and asks for none.
    """
    source = JOBS.sources[wildcards.source]
    planning = workflow.executor_plugin is None or workflow.dryrun
    if source["from"] != "s3" or planning or not plugin_installed():
        return []
    tag, settings, queries = remote_queries(JOBS, wildcards.source, wildcards.batch)
    if queries and tag not in REGISTERED:
        REGISTERED.add(tag)
        # what a `storage <tag>:` block compiles to; a block cannot be named by a variable
        workflow.storage_registry.register_storage(tag=tag, provider="s3", **settings)
    return [ancient(getattr(storage, tag)(query)) for query in queries]


def receipts(wildcards):
    """The fetch receipts of a source, in the order of its batches."""
    name = wildcards.get("single") or wildcards.get("dealt") or wildcards.table
    batches = JOBS.batches.get(name, [])
    return [f"results/raw/{name}/{batch}.json" for batch in batches]


def parts(wildcards):
    """The parts of a source with several batches."""
    name = wildcards.dealt
    return [f"results/parts/{name}/{batch}.parquet" for batch in JOBS.batches[name]]


def foreign_tables(wildcards):
    """The tables whose values the foreign keys of a table must be among."""
    return [
        f"results/tables/{name}.parquet"
        for name in JOBS.foreign_tables(wildcards.table)
    ]


def all_checks(wildcards):
    """Sources are published together or not at all: every source's checks.

    Of any age, so that a change of one source does not publish the others again. But not for a
    table that is itself still to be published (a run was interrupted, its entry has changed):
    Snakemake 9.27 overlooks such a job when a job before it runs and all between is `ancient`.
    """
    table = wildcards.table
    if table not in JOBS.sources:
        return [f"results/checks/{table}.json"]
    made_from = [
        Path(f"results/{kind}")
        for kind in (f"tables/{table}.parquet", f"checks/{table}.json")
    ]
    spec = spec_hash(JOBS.publish_spec(table), JOBS.config["project"], JOBS.storage)
    published = is_published(Path(f"results/published/{table}.json"), made_from, spec)
    paths = [f"results/checks/{name}.json" for name in JOBS.sources]
    return [ancient(path) for path in paths] if published else paths


def member_receipts(wildcards):
    """The raw copies, for a table that is published with its member files."""
    keep = JOBS.entry(wildcards.table).get("keep_members")
    return receipts(wildcards) if keep else []


def published_inputs(wildcards):
    """The receipts of the published tables that a derived entry reads."""
    name = wildcards.get("derived") or wildcards.figure
    return [f"results/published/{table}.json" for table in JOBS.derive[name]["inputs"]]
