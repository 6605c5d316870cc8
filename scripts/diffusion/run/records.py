"""Results that nothing is known of: made again, rather than taken for up to date.

Snakemake runs a job again when its parameters changed since its result was made. Where it has no
record of that (`.snakemake` was removed, or damaged by a power cut) it takes any result for the
right one: a new vintage would do nothing, without a word.
"""

from collections.abc import Callable
from pathlib import Path

from diffusion.base.json_files import damaged_in

OWN = ("run.json",)  # written by the run itself, not by a job


def remove_unknown(folder: Path, has_record: Callable[[str], bool], dry: bool = False) -> str:
    """Remove the results that are damaged, or that Snakemake has no record of.

    Raw copies and what is published lie elsewhere: nothing is asked or published anew for it.

    Args:
        folder: of the results.
        has_record: says of a path whether there is one.
        dry: remove nothing, only tell.

    Returns:
        what is removed, in words; empty for nothing.
    """
    damaged = [path for path in damaged_in(folder) if path.name not in OWN]
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    unknown = [path for path in files if path.name not in OWN and not has_record(str(path))]
    for path in {*damaged, *unknown} if not dry else ():
        path.unlink()
    words = [f"{path} is damaged" for path in damaged]
    if unknown:
        more = f" and {len(unknown) - 1} more results" if unknown[1:] else ""
        words.append(f"Snakemake has no record of {unknown[0]}{more}")
    end = "a run makes them again from the raw copies" if dry else "made again from the raw copies"
    return f"{'; '.join(words)}: {end}" if words else ""
