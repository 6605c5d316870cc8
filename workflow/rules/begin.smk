# Before anything is read: the terminal and results/run.json, so that a configuration that cannot even
# be read is told in this project's words. No rule stands here.

import os
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO


def checked_out(place):
    """The template's files, where a `module:` names a Git repository: that brings rules only."""
    hosted = hasattr(place, "hosted_repo")
    repository = place.hosted_repo.repo.git_dir if hosted else place.repo_path
    git = ["git", "-C", str(repository)]
    revision = ["rev-parse", "--verify", f"{place.ref}^{{commit}}"]
    commit = subprocess.check_output([*git, *revision], text=True).strip()
    folder = Path(".snakemake/diffusion").absolute() / commit
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        files = subprocess.check_output([*git, "archive", "--format=tar", commit])
        with tempfile.TemporaryDirectory(dir=folder.parent) as new:
            with tarfile.open(fileobj=BytesIO(files)) as archive:
                archive.extractall(f"{new}/files", filter="data")
            os.rename(f"{new}/files", folder)
    return folder


HERE = workflow.current_basedir  # of this file
PROJECT = Path(workflow.basedir).parent
if getattr(HERE, "ref", None):
    TEMPLATE = checked_out(HERE)
    # scripts are run from a cache, where the library is not beside them
    others = filter(None, [os.environ.get("PYTHONPATH")])
    os.environ |= {"PYTHONPATH": os.pathsep.join([str(TEMPLATE / "scripts"), *others])}
else:
    TEMPLATE = Path(HERE.get_path_or_uri(False)).parents[1]
sys.path.append(str(TEMPLATE / "scripts"))

from diffusion.run import workflow as snakemakes
from diffusion.run.console import Console
from diffusion.run.ending import expect_end, leave_quickly
from diffusion.run.interruption import clear_stale_lock

leave_quickly()

if snakemakes.is_main(workflow):
    LOGGER, SCREEN, SPEECH = snakemakes.screen(workflow)
    DRY = SPEECH.dry
    LOGGER.removeHandler(SCREEN)
    CONSOLE = Console(SCREEN, SPEECH)
    LOGGER.addHandler(CONSOLE)
    RUN_LOCK = None if DRY else clear_stale_lock()  # held until this process ends
    CONSOLE.alone = bool(RUN_LOCK)
    expect_end(CONSOLE)
