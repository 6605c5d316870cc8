"""Columns that are declared, and that no file has."""

import json
from collections.abc import Sequence
from difflib import get_close_matches

from diffusion.config.reading import Convert
from diffusion.config.remedies import in_line
from diffusion.convert.names import as_seen
from diffusion.errors import ColumnsError, DiffusionError


def missing_columns(found: Sequence[str], convert: Convert, where: str) -> DiffusionError | None:
    """Return an error for the declared columns that the data do not have, or None."""
    wanted = [spec.source or name for name, spec in convert.columns.items()]
    missing = [name for name in [*wanted, *convert.drop] if name not in found]
    if not missing:
        return None
    lines, from_odd = [], ""
    others = [name for name in found if name not in wanted]  # a declared one is itself
    for name in missing:
        near = get_close_matches(name, others, n=1)
        if near and as_seen(near[0]) == as_seen(name):
            lines.append(f"`{name}`, but one that only looks so, {near[0]!a}")
            from_odd = f"`columns: {{{in_line(name)}: {{from: {json.dumps(near[0])}}}}}`"
            continue
        lines.append(f"`{name}`" + (f" (is it now `{near[0]}`?)" if near else ""))
    fix = f"the data have: {', '.join(found)}\n"
    if from_odd:
        fix += f"take what looks the same, {from_odd}; or, for all names, `names: snake`\n"
    fix += "correct `columns:` or `drop:`, or set a new `vintage` once the publisher has corrected "
    fix += "them; published data stay as they were"
    return ColumnsError(f"{where}.columns", f"not in the data: {', '.join(lines)}", fix)
