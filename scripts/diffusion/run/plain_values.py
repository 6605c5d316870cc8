"""What the scripts of this project are given, without objects of Snakemake.

``tests/workflow/test_contract.py`` asks the Snakemake that is installed for what is used of it.
"""

import pickle  # nosec B403: written and read by this run alone, as Snakemake does
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# what Snakemake writes before a script
GIVEN = re.compile(
    r"snakemake = pickle\.loads\(b.*\);from snakemake\.logging import logger;"
    r"from snakemake\.iocontainers import Snakemake;"
)
OURS = "from diffusion.base.joblog import job_log"  # in each script of this project


def give_scripts_plain_values(scripts: Path) -> None:
    """Give the scripts of this project what Snakemake gives them as plain objects.

    Snakemake 9.27 gives objects of its own, for which each job imports Snakemake: a third of a
    short one. A version that writes another first line into scripts gives them its own.

    Args:
        scripts: their folder; others, as of a workflow that has this one as a module, and those
            that a user adds, are given what they always were.
    """
    from snakemake.script import PythonScript

    first_line = PythonScript.get_preamble

    def plain_line(self: Any) -> str:
        line: str = first_line(self)
        path = Path(self.path.get_path_or_uri(secret_free=True))
        is_ours = path.resolve().parent == scripts.resolve() and OURS in self.source
        given = GIVEN.search(line) if is_ours else None
        if not given:
            return line
        values = pickle.dumps(_plain(self), protocol=4)
        return f"{line[: given.start()]}snakemake = pickle.loads({values!r});{line[given.end() :]}"

    PythonScript.get_preamble = plain_line


def _plain(script: Any) -> SimpleNamespace:
    """Return what a script is given: what has a name as an attribute, several values as a list."""
    from snakemake.iocontainers import Namedlist

    def named(values: Any) -> SimpleNamespace:
        found = {n: list(v) if isinstance(v, Namedlist) else v for n, v in values.items()}
        return SimpleNamespace(**found)

    given = {key: named(getattr(script, key)) for key in ("params", "wildcards", "resources")}
    given |= {key: named(getattr(script, key)._plainstrings()) for key in ("input", "output")}
    rest = {"log": list(script.log._plainstrings()), "config": script.config}
    return SimpleNamespace(**given, **rest, threads=script.threads)
