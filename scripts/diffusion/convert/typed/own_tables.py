"""The table that is meant in a file that has several: `table:` names it, or it is the only one."""

import re
from collections.abc import Mapping, Sequence

from diffusion.base.json_path import in_yaml
from diffusion.errors import FileFormatError

SHOWN = 20
TODAY = r"\bcurrent_(?:date|time|timestamp)\b"


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
        raise FileFormatError(label, "has no table", "check `url`, or `member`")
    given = {"tables": tables, "views": views}
    listed = "; ".join(f"{kind}: {_listed(names)}" for kind, names in given.items() if names)
    fix = f"write the name of one: `table: {in_yaml(known[0])}`"
    if wanted is None:
        raise FileFormatError(label, f"several could be meant: {listed}", fix)
    raise FileFormatError(label, f"has no table `{wanted}`; {listed}", fix)


def refuse_changing_view(
    wanted: str, views: Mapping[str, str], changing: re.Pattern[str], label: str
) -> None:
    """Refuse a view whose rows depend on when it is read: the same raw copy gives one table only.

    Args:
        views: name → SQL of all views of the file.
        changing: what gives another value each time, or each day.

    Raises:
        DiffusionError: names the view and what changes.
    """
    asked, seen = [wanted], set()
    while asked:
        name = asked.pop()
        seen.add(name)
        if found := changing.search(views.get(name, "")):
            what = f"the view `{name}` has `{found[0]}`: its rows depend on when they are read"
            fix = "take the table below it, `table: …`, or ask its publisher for a table of them"
            raise FileFormatError(label, what, fix)
        words = set(re.findall(r"\w+", views.get(name, "")))
        asked += [view for view in views if view.rpartition(".")[2] in words and view not in seen]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
