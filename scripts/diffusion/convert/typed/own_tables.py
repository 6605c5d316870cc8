"""The table that is meant in a file that has several: `table:` names it, or it is the only one."""

from collections.abc import Sequence

from diffusion.base.json_path import in_yaml
from diffusion.errors import DiffusionError

SHOWN = 20


def table_of(wanted: str | None, tables: Sequence[str], views: Sequence[str], label: str) -> str:
    """Return the name of the one table, or of the table or view that is wanted.

    Raises:
        DiffusionError: there are several, or none of that name; names them.
    """
    known = [*tables, *views]
    if wanted in known:
        return wanted
    alike = [name for name in known if wanted and name.lower() == wanted.lower()]
    if len(alike) == 1:
        return alike[0]
    if wanted is None and len(tables) == 1:
        return tables[0]
    if not known:
        raise DiffusionError(label, "has no table", "check `url`, or `member`")
    given = {"tables": tables, "views": views}
    listed = "; ".join(f"{kind}: {_listed(names)}" for kind, names in given.items() if names)
    fix = f"write the name of one: `table: {in_yaml(known[0])}`"
    if wanted is None:
        raise DiffusionError(label, f"several could be meant: {listed}", fix)
    raise DiffusionError(label, f"has no table `{wanted}`; {listed}", fix)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
