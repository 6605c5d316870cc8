"""What derived entries read: the receipts of published tables, known to be the newest."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diffusion.base.json_files import read_json
from diffusion.errors import PublishedError


def published_inputs(given: Any, names: Sequence[str]) -> dict[str, dict]:
    """Return the publishing receipts of a derived entry's inputs, by the inputs' names.

    Args:
        given: the job's inputs: ``sources``, the receipt of all sources, if any of them is read;
            ``derived``, a receipt for each derived table; ``facts`` of the sources; ``private``,
            the tables that are not published.

    Raises:
        DiffusionError: what is published of a source is not its newest table.
    """
    known = {name: receipt for path in given.sources for name, receipt in read_json(path).items()}
    known |= {Path(path).stem: read_json(path) for path in given.derived}
    for path in given.facts:
        name = Path(path).stem
        if name not in known or known[name]["table_sha256"] != read_json(path)["sha256"]:
            found = "its newest table is not published yet"
            raise PublishedError(f"sources.{name}", found, "run `snakemake` again")
    for path in given.private:
        known[Path(path).stem]["url"] = str(Path(path).parent)
    return {name: known[name] for name in names}
