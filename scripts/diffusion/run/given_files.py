"""The configuration files of the command line, looked at before Snakemake reads them.

Snakemake 9.27 answers with a traceback where one is missing, is a folder, or is no UTF-8, and does
not say where one is no YAML; it reads them before any line of the Snakefile. Profiles are read
before that, and call this (`__definitions__`, see YTE).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from diffusion.config.load import read_config
from diffusion.errors import DiffusionError, YamlError


def refuse_unread(arguments: Sequence[str]) -> None:
    """End the run, in words, if a file of `--configfile` cannot be read.

    Args:
        arguments: of the command line.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="*", default=[], dest="files")
    files = parser.parse_known_args(arguments)[0].files
    try:
        for path in map(Path, files):
            if not read_config(path):
                fix = "write what it is to change, or leave it out"
                raise YamlError(str(path), "holds no keys", fix)
    except DiffusionError as error:
        print(f"\n✗ {error}\n", file=sys.stderr)
        raise SystemExit(1) from None
