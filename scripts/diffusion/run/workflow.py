"""What this project takes from Snakemake's `workflow` object that no document promises.

Snakemake 9.27. Everything of that kind stands here, and tests/workflow/test_contract.py asks each
of them of the Snakemake that is installed: when a version moves one, that test says which.
"""

from typing import Any

Workflow = Any  # Snakemake offers no type for it that lasts


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


def is_planning(workflow: Workflow) -> bool:
    """Say whether nothing will be run: a dry run, a graph, the linter (no executor at all).

    To be asked in functions of rules: while the Snakefile is read, there is no executor yet.
    """
    return workflow.executor_plugin is None or workflow.dryrun


def is_forced(workflow: Workflow) -> bool:
    """Say whether jobs are to run although nothing has changed: `--forceall`, `--forcerun` …"""
    settings = workflow.dag_settings
    return settings.forceall or settings.forcetargets or bool(settings.forcerun)


def work_prefix(workflow: Workflow) -> str | None:
    """Return where intermediate results are kept, if that is no folder; nothing if it is."""
    return workflow.storage_settings.default_storage_prefix


def shares_files(workflow: Workflow) -> bool:
    """Say whether jobs share any files with the main process."""
    return bool(workflow.storage_settings.shared_fs_usage)


def register_s3(workflow: Workflow, tag: str, settings: dict) -> None:
    """Register a storage provider: what a `storage <tag>:` block compiles to.

    A block cannot be named by a variable, and any number of servers must work by YAML alone.
    """
    workflow.storage_registry.register_storage(tag=tag, provider="s3", **settings)
