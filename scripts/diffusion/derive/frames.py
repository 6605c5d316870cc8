"""Data frames of scripts: what stands in their index is data, too."""

from typing import Any

from diffusion.errors import DiffusionError


def index_as_columns(frame: Any, where: str) -> Any:
    """Return a frame whose named index, such as the key of ``groupby``, is columns.

    Raises:
        DiffusionError: an index without a name that is no range: nobody knows whether it is data.
    """
    names = list(frame.index.names)
    if names == [None] and type(frame.index).__name__ == "RangeIndex":
        return frame
    shown = ", ".join(map(repr, frame.index[:3].tolist()))
    if None in names:
        fix = "if it is data, name it: `frame.index.name = …`; if not: `.reset_index(drop=True)`"
        raise DiffusionError(where, f"the frame's index has no name: {shown} …", fix)
    if twice := [name for name in names if name in frame.columns]:
        fix = "rename one of them; or `.reset_index(drop=True)`"
        raise DiffusionError(where, f"its index and a column are both called {twice[0]!r}", fix)
    return frame.reset_index()
