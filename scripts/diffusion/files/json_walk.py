"""The values at a path of a JSON document, one after the other: memory does not grow with it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import IO, Any

from diffusion.base.json_path import Each, Step, name_step, needs_all, parse_path, place_of
from diffusion.files.beside import Beside

VALUE = "value"  # the column of values that are no objects
SHOWN = 100  # signs of a value that an error shows
STARTS = ("start_map", "start_array")
Event = tuple[str, Any]
Keys = tuple[tuple[str, str], ...]  # (column, key) of each mapping on the way
Take = Callable[[Iterator[Event], str, Any, Keys], Any]  # reads a value to its end


class PathError(ValueError):
    """A document is not as a path says; ``fix``: what to write, where that is known."""

    def __init__(self, found: str, fix: str = ""):
        super().__init__(found)
        self.fix = fix


def keyed(value: Any, keys: Keys, path: str) -> Any:
    """Return a value with the keys that led to it, before its own fields.

    A value that is no object becomes the field ``value``.

    Raises:
        PathError: it has a field called as the column of keys, or is a list.
    """
    if not keys:
        return value
    if isinstance(value, list):
        raise alone_words(path)
    if not isinstance(value, dict):
        return dict(keys) | ({VALUE: value} if value is not None else {})
    for name, _ in keys:
        if name in value:
            raise clash_words(path, name)
    return dict(keys) | value


def clash_words(path: str, name: str) -> PathError:
    """Return the error for records that have a field called as the column of keys."""
    fix = f"name that column otherwise, `*:NAME` in `records: {path}`, such as "
    fix += f"`*:{name}_of_record`"
    return PathError(f"the records have a field `{name}`, and so is the column of keys", fix)


def alone_words(path: str) -> PathError:
    """Return the error for a mapping whose values are lists."""
    named = f"{path}:NAME" if path.endswith("*") else path
    fix = f"if their elements are the records, write `{named}.*`"
    return PathError("the values of the mapping are lists", fix)


class Walk:
    """The values that a path leads to, with the keys on the way; a pass over the whole document.

    Attributes:
        reached: whether there is something at the path, be it an empty list or mapping.
        count: of values that came.
        beside: what stands in the mappings on the way, and leads to no value.
    """

    def __init__(self, file: IO[bytes], steps: Sequence[Step], take: Take | None = None):
        """Args: the document, the path, and what reads each value; it is built unless given.

        Raises:
            ValueError: the path has a step that needs the whole list: [-1], [rel=next].
        """
        if unread := next(filter(needs_all, steps), None):
            raise PathError(f"`{unread}` is known only once a whole list was read")
        self.reached, self.count, self.beside = False, 0, Beside()
        self._file, self._steps, self._take = file, tuple(steps), take or _built
        self._kinds: dict[int, str] = {}

    def __iter__(self) -> Iterator[tuple[Keys, Any]]:
        """Yield each value with its keys.

        Raises:
            ijson.JSONError, UnicodeDecodeError: it is no JSON.
            PathError: a key comes twice, or mappings and lists stand where one of them is meant.
        """
        import ijson

        events = iter(ijson.basic_parse(self._file))
        for event, value in events:
            yield from self._walk(events, event, value, 0, ())

    def _walk(
        self, events: Iterator[Event], event: str, value: Any, depth: int, keys: Keys
    ) -> Iterator[tuple[Keys, Any]]:
        if depth == len(self._steps):
            self.reached, self.count = True, self.count + 1
            yield keys, self._take(events, event, value, keys)
            return
        step = self._steps[depth]
        if isinstance(step, Each):
            self._verify(step, event, depth)
        if event == "start_map":
            yield from self._in_map(events, step, depth, keys)
        elif event == "start_array":
            yield from self._in_list(events, step, depth, keys)

    def _in_map(
        self, events: Iterator[Event], step: Step, depth: int, keys: Keys
    ) -> Iterator[tuple[Keys, Any]]:
        seen: set[str] = set()
        for event, key in events:
            if event == "end_map":
                return
            event, value = next(events)
            is_each = isinstance(step, Each)
            if not is_each and step != key:
                if event != "null":
                    self.beside.add(self._place(depth, key))
                skip(events, event)
                continue
            if key in seen:
                raise PathError(f"an object has the key `{key}` twice")
            seen.add(key)
            further = (*keys, (step.column, key)) if isinstance(step, Each) else keys
            yield from self._walk(events, event, value, depth + 1, further)

    def _place(self, depth: int, key: str) -> str:
        """Return where a key stands, all of a mapping as one."""
        above = ["*" if isinstance(step, Each) else str(step) for step in self._steps[:depth]]
        return ".".join([*above, name_step(key)])

    def _in_list(
        self, events: Iterator[Event], step: Step, depth: int, keys: Keys
    ) -> Iterator[tuple[Keys, Any]]:
        numbers = count()
        for event, value in events:
            if event == "end_array":
                return
            if isinstance(step, Each) or step == next(numbers):
                yield from self._walk(events, event, value, depth + 1, keys)
            else:
                skip(events, event)

    def _verify(self, step: Each, event: str, depth: int) -> None:
        """Refuse lists among mappings: their elements have no keys."""
        if event in STARTS:
            self.reached = self.reached or depth == len(self._steps) - 1
            if event == "start_array" and step.name:
                raise PathError(f"`*:{step.name}` names keys, and a list has none: write `*`")
            if self._kinds.setdefault(depth, event) != event:
                raise PathError("there are mappings in some places, and lists in others")
        elif event != "null":
            raise PathError(f"there is a {event} where a mapping or a list is meant")


def skip(events: Iterator[Event], event: str, *further: Any) -> None:
    """Read over the value that an event begins."""
    level = int(event in STARTS)
    while level:
        event, _ = next(events)
        level += (event in STARTS) - (event in ("end_map", "end_array"))


def _built(events: Iterator[Event], event: str, value: Any, keys: Keys) -> Any:
    return built(events, event, value)


def built(events: Iterator[Event], event: str, value: Any) -> Any:
    """Return the value that an event begins.

    Raises:
        PathError: an object has a key twice: readers differ in which of the two they take.
    """
    if event == "start_map":
        found: dict[str, Any] = {}
        for event, key in events:
            if event == "end_map":
                break
            if key in found:
                raise PathError(f"an object has the key `{key}` twice")
            event, value = next(events)
            found[key] = built(events, event, value) if event in STARTS else value
        return found
    if event == "start_array":
        items: list[Any] = []
        for event, value in events:
            if event == "end_array":
                break
            items.append(built(events, event, value) if event in STARTS else value)
        return items
    return value


def values_at(file: IO[bytes], path: str) -> list[Any]:
    """Return the values at a path: of a list, or of a field of each of its elements."""
    steps = parse_path(path)
    return [
        value for _, value in Walk(file, steps if place_of(path) != steps else (*steps, Each()))
    ]


def column_names(given: Any) -> list[str]:
    """Return names of columns that a document has; years may be numbers.

    Raises:
        PathError: they are no names, or one comes twice.
    """
    is_text = isinstance(given, list) and all(
        isinstance(name, str | int) and not isinstance(name, bool) and str(name) for name in given
    )
    names = [str(name) for name in given] if is_text else []
    if not names:
        fix = "name the path of a list of names, or the names themselves"
        raise PathError(f"these are no names of columns: {shown(given)}", fix)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        fix = "name the columns in a list: `json: {shape: arrays, names: […]}`"
        raise PathError(f"names that come twice: {', '.join(twice)}", fix)
    return names


def shown(value: Any) -> str:
    """Return how an error shows a value."""
    text = str(value)
    return text[:SHOWN] + "…" * (len(text) > SHOWN)
