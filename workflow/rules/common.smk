# Everything the rules share: the resolved configuration, the lists of jobs, the functions that
# say what a rule reads and what it depends on. No rule stands here.
# Edit this when a rule needs to know more; users edit config/ only.

from diffusion.base.trust import trust_one_file
from diffusion.config.parts import as_text
from diffusion.run.asked_for import names_in, refuse_unpublished, unknown_target
from diffusion.run.cores import MOST, cores_for
from diffusion.run.facts import check_code
from diffusion.run.foreseen import foreseen
from diffusion.run.interruption import stop_on_sigterm
from diffusion.run.jobs import Jobs
from diffusion.run.kubernetes import patch_executor
from diffusion.run.plain_values import give_scripts_plain_values
from diffusion.run.plan import ALL_SOURCES
from diffusion.run.preflight import check_storage, check_work_prefix
from diffusion.run.slurm import cancel_leftovers
from diffusion.run.private import keep_private
from diffusion.run.records import remove_unknown
from diffusion.run.report import Report
from diffusion.run.state import SOURCES, SUMMARY, State
from diffusion.run.template import note_template
from diffusion.run.unstated import words_of
from diffusion.run.waiting import touch_refusal

NAMES = names_in(config)
ASKED = snakemakes.asked_for(workflow, NAMES)
JOBS = Jobs.from_config(
    config,
    snakemakes.config_files(workflow),
    PROJECT,
    snakemakes.is_main(workflow),
    ASKED,
)
# scripts find in `config` what was resolved: variables replaced, defaults left out
config.clear()
config.update(JOBS.resolved())
STATE = State(
    JOBS,
    snakemakes.work_prefix(workflow),
    CONSOLE.refuse if snakemakes.is_main(workflow) else None,
)
config["project_folder"] = str(PROJECT)  # of its own SQL and Python, and of its Git
config["converts_here"] = snakemakes.converts_here(workflow)
config["siblings"] = JOBS.siblings()
if snakemakes.is_main(workflow):
    check_work_prefix(JOBS.config.project.name, snakemakes.work_prefix(workflow))
    patch_executor()
    snakemakes.import_no_pandas()
    snakemakes.end_with_the_last_job()
    if (RUN_LOCK or DRY) and snakemakes.believes_records(workflow):
        if words := remove_unknown(Path("results"), snakemakes.has_record, DRY):
            CONSOLE.say(words)
    check_storage(JOBS.config.storage, snakemakes.work_prefix(workflow))
    if (RUN_LOCK or DRY) and snakemakes.believes_records(workflow):
        if words := STATE.look_at_work(DRY):
            CONSOLE.say(words)
    if RUN_LOCK and snakemakes.asks_to_touch():
        if words := touch_refusal(JOBS, STATE):
            raise words
    if RUN_LOCK:
        keep_private(JOBS.config)
    if PROJECT != TEMPLATE:
        note_template(PROJECT, TEMPLATE)
    refuse_unpublished(JOBS, STATE)
    CONSOLE.targets = ASKED.names
    CONSOLE.order = [*JOBS.sources, ALL_SOURCES, *JOBS.derive]
    CONSOLE.of_target = lambda words: unknown_target(words, NAMES)
    if RUN_LOCK and snakemakes.believes_records(workflow) and not ASKED.alone:
        for words in STATE.look_at_published():
            CONSOLE.say(words)
    if DRY and snakemakes.believes_records(workflow):
        CONSOLE.pending = [] if ASKED.alone else STATE.would_publish()
        CONSOLE.pending += foreseen(JOBS, STATE)
    REPORT = Report(
        CONSOLE,
        JOBS,
        snakemakes.work_prefix(workflow),
        snakemakes.config_files(workflow),
    )
trust_one_file()
give_scripts_plain_values(TEMPLATE / "scripts")


onstart:
    if snakemakes.is_main(workflow) and snakemakes.only_touches(workflow):
        # by a profile, which is known here only; Snakemake goes on after other errors
        if words := touch_refusal(JOBS, STATE):
            CONSOLE.refuse(words)
    if snakemakes.is_main(workflow):
        cancel_leftovers()
        stop_on_sigterm(CONSOLE.interrupt)
        snakemakes.tell_forced(workflow)
        if not snakemakes.only_touches(workflow):
            REPORT.start()


onsuccess:
    if snakemakes.is_main(workflow) and snakemakes.only_touches(workflow):
        CONSOLE.end()  # results/run.json stays that of the last run
    elif snakemakes.is_main(workflow):
        REPORT.succeeded()
        if REPORTED:  # --report-after-run
            PAGES.write(State(JOBS, snakemakes.work_prefix(workflow)))


onerror:
    if snakemakes.is_main(workflow):
        REPORT.failed()


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


def asks(host):
    """What a fetch job takes of a host: all of it, or nothing."""
    return lambda wildcards: int(JOBS.host(wildcards.source) == host)


def cores(wildcards, input):
    """One core for what is small, so that small tables are made side by side.

    Where results are on S3, a job's own Snakemake does not have its inputs yet when it asks: it
    would want more cores than the job was given.
    """
    return MOST if snakemakes.work_prefix(workflow) else cores_for(input)


def receipts(wildcards):
    """The fetch receipts of a source, in the order of its batches."""
    return JOBS.receipts(wildcards.unbatched)


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


def source_facts(wildcards):
    """The facts of the sources that a derived entry reads: it is made again when they change."""
    sources = [name for name in entry_of(wildcards).inputs if name in JOBS.sources]
    return [f"results/tables/{name}.json" for name in sources]


def sources_receipt(wildcards):
    """The receipt of all sources, for a derived entry that reads one of them.

    It is written anew when any source changes. What is as its own inputs make it does not run for
    that, and waits only: `ancient`, for which Snakemake 9.27 needs the file to exist, and overlooks
    other reasons to run (snakemake#4166); tests/workflow/test_workarounds.py shows both.
    """
    if not source_facts(wildcards):
        return []
    name = wildcards.get("derived") or wildcards.figure
    waits = not snakemakes.is_forced(workflow) and STATE.is_current(name)
    return [ancient(SOURCES) if waits else SOURCES]


def derived_receipts(wildcards):
    """The receipts of the derived tables that another derived entry reads."""
    inputs = entry_of(wildcards).inputs
    return [f"results/published/{name}.json" for name in inputs if name in JOBS.derive]


def private_tables(wildcards):
    """The tables that a derived entry reads here, as they are not published."""
    return JOBS.private_tables(wildcards.get("derived") or wildcards.figure)


def entry_of(wildcards):
    return JOBS.derive[wildcards.get("derived") or wildcards.figure]
