"""What this project takes from Snakemake's `workflow` object that no document promises.

Snakemake 9.27. Everything of that kind stands here and in ``plain_values``, and
tests/workflow/test_contract.py asks each of them of the Snakemake that is installed: when a version
moves one, that test says which.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from diffusion.run.asked_for import ALL, Asked
from diffusion.run.speech import Speech

Workflow = Any  # Snakemake offers no type for it that lasts
REPORT = re.compile(r"--repo(rt?|rter)?(=.*)?")
TOUCH = re.compile(r"--tou?c?h?|-[A-Za-z]*t[A-Za-z]*")  # argparse takes abbreviations
PLAIN = (str, int, float, bool, list, dict, type(None))  # what a parameter in YAML can be


def config_files(workflow: Workflow) -> list[str]:
    """Return the configuration files, later ones winning.

    Those of the command line (`overwrite_configfiles`) come after that of the Snakefile, but stand
    first in `configfiles`.
    """
    given = list(workflow.overwrite_configfiles)
    return [*workflow.configfiles[len(given) :], *given]


def is_main(workflow: Workflow) -> bool:
    """Say whether this is the process that the user started, and not one for a job."""
    return workflow.is_main_process


def is_forced(workflow: Workflow) -> bool:
    """Say whether jobs are to run although nothing has changed: `--forceall`, `--forcerun` …"""
    settings = workflow.dag_settings
    return settings.forceall or settings.forcetargets or bool(settings.forcerun)


def tell_forced(workflow: Workflow) -> None:
    """Tell the jobs of this machine whether they are forced: a job is not told by Snakemake."""
    if is_forced(workflow):
        from diffusion.publish.objects import FORCED

        os.environ[FORCED] = "1"


def only_touches(workflow: Workflow) -> bool:
    """Say whether nothing is made, and files are only given a new time: `--touch`."""
    return workflow.touch


def keep_handlers(workflow: Workflow) -> None:
    """Let what this workflow does at the start and at the end be done as a `module:`, too.

    Snakemake 9.27 takes those of the main Snakefile only, and has the others in its globals. What
    the main one says after its module goes before.
    """
    if not workflow.modifier.is_main_snakefile():
        for name in ("onstart", "onsuccess", "onerror"):
            setattr(workflow, f"_{name}", partial(_handled, workflow.globals[name]))


def _handled(handler: Callable[..., None], log: str) -> None:
    handler()


def asked_for(workflow: Workflow, names: Collection[str]) -> Asked:
    """Return which entries are named as targets of this run: `snakemake airports`.

    The object knows its targets after the rules are read only: where a name stands on the command
    line, it is read again. That takes what nobody pays who does not name one.
    """
    if not is_main(workflow) or not set(names) & set(sys.argv[1:]):
        return ALL
    from snakemake.cli import get_argument_parser

    targets = get_argument_parser().parse_known_args(sys.argv[1:])[0].targets or ()
    asked = tuple(dict.fromkeys(target for target in targets if target in names))
    return Asked(asked, bool(asked) and len(asked) == len(set(targets)))


def let_one_run_at_a_time(workflow: Workflow, resource: str) -> None:
    """Give a resource an amount of one: jobs that take it run one after the other.

    The others wait without holding a core, whatever the profile and the executor.
    """
    workflow.register_resource(resource, 1)


def import_no_pandas() -> None:
    """Let Snakemake look for data frames only where a parameter can be one.

    Snakemake 9.27 imports pandas to look, in every run before it plans and again before each
    script: a quarter of a second with nothing to do.
    """
    from snakemake.iocontainers import Params, Snakemake
    from snakemake.persistence import PersistenceBase

    store_any = Snakemake._safely_store_params

    def store(self: Any, params: Any) -> None:
        if all(isinstance(value, PLAIN) for value in params):
            self._params_types = {}
            self._params_store = Params(toclone=list(params))
            self._params_store._take_names(params._get_names())
        else:
            store_any(self, params)

    def serialize(self: Any) -> Callable[[Any], Any]:
        frames = "pandas" in sys.modules
        return self._serialize_param_pandas if frames else self._serialize_param_builtin

    Snakemake._safely_store_params = store
    PersistenceBase._serialize_param = property(serialize)


def end_with_the_last_job() -> None:
    """Let a run end with its last job.

    Snakemake 9.27 looks a second after each choice of jobs whether more may begin, in a thread for
    which its process waits: each run would end a second late.
    """
    from snakemake.scheduling.job_scheduler import JobScheduler

    def look_again(self: Any, delay: float) -> None:
        timer = threading.Timer(delay, self._open_jobs.release)
        timer.daemon = True
        timer.start()

    JobScheduler._schedule_reevalutation = look_again


def screen(workflow: Workflow) -> tuple[logging.Logger, logging.Handler, Speech]:
    """Return Snakemake's logger, its handler for the terminal, and what is said in its place."""
    from snakemake.settings.enums import Quietness

    manager = workflow.logger_manager
    handler = next(h for h in manager.logger.handlers if h.name == "DefaultStreamHandler")
    settings = manager.settings
    quiet = set(settings.quiet or ())
    # as profiles say; `-q`, which asks for less than Snakemake says, gets no more of it than that
    shows = not settings.verbose and bool(quiet)
    silent = shows and Quietness.ALL in quiet and not settings.dryrun
    return manager.logger, handler, Speech(shows, settings.dryrun, silent)


def believes_records(workflow: Workflow) -> bool:
    """Say whether Snakemake decides by records in `.snakemake` what is up to date.

    That nothing is made (`--touch`), or noted (`--drop-metadata`), the object knows later only.
    """
    asked_otherwise = asks_to_touch() or "--drop-metadata" in sys.argv
    return workflow.workflow_settings.persistence_backend.name == "FILE" and not asked_otherwise


def asks_to_touch() -> bool:
    """Say whether files are only to be given a new time: `--touch`, `--touc`, `-t`, `-Ft`."""
    return any(map(TOUCH.fullmatch, sys.argv[1:]))


def makes_report() -> bool:
    """Say whether a report is asked for: `--report`, `--reporter html`, and as argparse takes them.

    The object knows it after the rules are read only.
    """
    return any(map(REPORT.fullmatch, sys.argv[1:]))


def has_record(path: str, records: str = ".snakemake/metadata") -> bool:
    """Say whether Snakemake knows how a result was made: else it takes it for up to date.

    Args:
        path: of the result, relative to the working folder.
    """
    from snakemake.persistence.file import FilePersistence

    limits = SimpleNamespace(_fetch_max_len=lambda _: os.pathconf(".", "PC_NAME_MAX"))
    record = Path(FilePersistence._record_path(limits, records, path))
    return record.is_file() and record.stat().st_size > 0


def work_prefix(workflow: Workflow) -> str | None:
    """Return where intermediate results are kept, if that is no folder; nothing if it is."""
    return workflow.storage_settings.default_storage_prefix


def shares_files(workflow: Workflow) -> bool:
    """Say whether jobs share any files with the main process."""
    return bool(workflow.storage_settings.shared_fs_usage)


def converts_here(workflow: Workflow) -> bool:
    """Say whether all jobs see the files of this folder: on this machine, or by a shared one."""
    return workflow.resource_settings.nodes is None or not work_prefix(workflow)
