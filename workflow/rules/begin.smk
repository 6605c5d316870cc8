# Before anything is read: the terminal and results/run.json, so that a configuration that cannot even
# be read is told in this project's words. No rule stands here.

import sys
from pathlib import Path

PROJECT = Path(workflow.basedir).parent
sys.path.append(str(PROJECT / "scripts"))

from diffusion.run import workflow as snakemakes
from diffusion.run.console import Console
from diffusion.run.ending import expect_end, leave_quickly
from diffusion.run.interruption import clear_stale_lock

leave_quickly()

if snakemakes.is_main(workflow):
    LOGGER, SCREEN, SHOWS, DRY = snakemakes.screen(workflow)
    LOGGER.removeHandler(SCREEN)
    CONSOLE = Console(SCREEN, SHOWS, DRY)
    LOGGER.addHandler(CONSOLE)
    RUN_LOCK = None if DRY else clear_stale_lock()  # held until this process ends
    CONSOLE.alone = bool(RUN_LOCK)
    expect_end(CONSOLE)
