"""An object of columns, name → list of values, as lines of objects: each row read once.

The columns of such a document come one after the other, so they are kept in files, and put side by
side from there: memory does not grow with them.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from diffusion.base.json_path import KEY, Each, place_of
from diffusion.convert.json.lines import Lines, Records
from diffusion.files.json_walk import STARTS, Event, Keys, PathError, Walk, built

MOST = 500  # columns: each is an open file


class Columns:
    """The columns that came so far, each in a file of its own.

    Attributes:
        files: name → its file and how many values it has.
        constants: plain values beside the lists, as JSON: they stand in every row.
    """

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.files = folder, dict[str, tuple[Path, int]]()
        self.constants: dict[str, bytes] = {}
        self._keyed: dict[str, str] = {}  # name → how it stands in the document

    def take(self, events: Iterator[Event], event: str, value: Any, keys: Keys) -> None:
        """Read the values of one column to their end.

        Raises:
            PathError: it is keyed otherwise than those before.
        """
        if not keys:
            raise PathError("is a list, not an object of columns", "see `records:`")
        name = keys[-1][1]
        if event not in STARTS:
            self.constants[name] = Lines(self.folder).text(value)
            return
        if len(self.files) == MOST:
            fix = "if its names are values, write `records: PATH.*`"
            raise PathError(f"has more than {MOST} columns", fix)
        self._keyed[name] = event
        if event != next(iter(self._keyed.values())):
            first = next(iter(self._keyed))
            fix = "name the object that has the columns alone: `records: PATH`"
            raise PathError(f"`{first}` and `{name}` are not both lists, or both objects", fix)
        if event == "start_array":
            self._list(events, name)
        else:
            self._map(events, name)

    def _list(self, events: Iterator[Event], name: str) -> None:
        with Lines(self.folder / f"{len(self.files)}.column") as lines:
            for event, value in events:
                if event == "end_array":
                    break
                lines.write(built(events, event, value) if event in STARTS else value)
        self.files[name] = (lines.path, lines.count)

    def _map(self, events: Iterator[Event], name: str) -> None:
        """Read a column whose values have keys, which must be those of the first one."""
        first = not self.files
        keys = self.folder / ("keys" if first else "keys.now")
        seen: set[str] = set()
        with Lines(self.folder / f"{len(self.files)}.column") as lines, Lines(keys) as known:
            for event, key in events:
                if event == "end_map":
                    break
                if key in seen:
                    raise PathError(f"an object has the key `{key}` twice")
                seen.add(key)
                event, value = next(events)
                known.write(key)
                lines.write(built(events, event, value) if event in STARTS else value)
        if first:
            self.files[KEY] = (keys, known.count)
        elif keys.read_bytes() != (self.folder / "keys").read_bytes():
            raise PathError(f"`{name}` has other keys than the column before, or in another order")
        if name == KEY:
            fix = "ask for lists, or for records (pandas: `orient='records'`)"
            raise PathError(f"a column is named `{KEY}`, and so is that of the keys", fix)
        self.files[name] = (lines.path, lines.count)

    def verify(self) -> None:
        """Refuse columns that are not equally long, and a document without any."""
        if not self.files:
            raise PathError("has no list of values", "see `records:` and `json.shape`")
        (first, (_, wanted)), *others = self.files.items()
        for name, (_, count) in others:
            if count != wanted:
                found = f"`{first}` has {wanted:,} values, and `{name}` has {count:,}"
                fix = "name the object whose lists belong together, `records: PATH`; or ask its "
                fix += "publisher to correct it"
                raise PathError(found, fix)


def columns_to_lines(path: Path, records: str, target: Path) -> Records:
    """Write the rows of an object of columns as lines; a column of keys where they have some.

    Raises:
        PathError: columns that are not equally long, or no object of columns.
    """
    columns = Columns(target.with_suffix(".columns"))
    with path.open("rb") as file:
        walk = Walk(file, (*place_of(records), Each()), columns.take)
        for _ in walk:
            pass
    if not walk.reached:
        raise PathError("is not there", "see `records:`")
    columns.verify()
    with ExitStack() as stack, Lines(target) as lines:
        files = [stack.enter_context(kept.open("rb")) for kept, _ in columns.files.values()]
        names = [lines.text(name) + b":" for name in (*columns.files, *columns.constants)]
        same = list(columns.constants.values())
        for values in zip(*files, strict=True):
            row = zip(names, (*(value[:-1] for value in values), *same), strict=True)
            lines.write_text(b"{" + b",".join(name + value for name, value in row) + b"}")
    for kept, _ in columns.files.values():
        kept.unlink()
    return lines.records()
