"""Whether a path of a JSON document leads to a list of records, or to one record alone."""

from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from diffusion.base.json_path import Each, Step, parse_path, steps_to_records
from diffusion.files.json_walk import STARTS, Event, Keys, Walk, skip

LOOKED = 100  # values of an object that say whether it is a record


class _EnoughError(Exception):
    """What was to be seen was seen."""


def steps_in(file: IO[bytes], path: str) -> tuple[Step, ...]:
    """Return the steps to each record of a document: the path itself where it names one record.

    That is an object of which more values are plain than are objects or lists, as what makes JSON
    of XML writes a list of one element; `.*` takes the values of any.
    """
    steps = parse_path(path)
    if not steps or isinstance(steps[-1], Each):
        return steps_to_records(path)
    kinds, begin = {"start_map": 0, "start_array": 0, "plain": 0}, file.tell()

    def look(events: Iterator[Event], event: str, value: Any, keys: Keys) -> None:
        while (
            event == "start_map" and next(events)[0] != "end_map" and sum(kinds.values()) < LOOKED
        ):
            of_value, _ = next(events)
            skip(events, of_value)
            kinds[of_value if of_value in STARTS else "plain"] += of_value != "null"
        raise _EnoughError

    with suppress(_EnoughError):
        for _ in Walk(file, steps, look):
            pass
    file.seek(begin)
    is_one = kinds["plain"] > kinds["start_map"] + kinds["start_array"]
    return steps if is_one else steps_to_records(path)
