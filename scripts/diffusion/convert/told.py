"""What readers of a table should know of the files that it was made of: the same words once."""

from collections.abc import Iterable, Mapping

MOST = 20  # notes of one table


def gathered(notes: Iterable[tuple[str, str]]) -> dict[str, dict]:
    """Return note → {first, files}, as facts of a batch.

    Args:
        notes: the label of a file, and a note on it; no label if it is about all of them.
    """
    known: dict[str, dict] = {}
    for label, note in notes:
        known.setdefault(note, {"first": label, "files": 0})["files"] += 1
    return known


def merged(many: Iterable[Mapping[str, Mapping]]) -> dict[str, dict]:
    """Put together what was gathered in several batches."""
    known: dict[str, dict] = {}
    for gathered_ in many:
        for note, of in gathered_.items():
            known.setdefault(note, {"first": of["first"], "files": 0})["files"] += of["files"]
    return known


def in_words(notes: Mapping[str, Mapping]) -> list[str]:
    """Return a line a note, with the first of the files that it is about; in one order always."""
    lines = []
    for note, of in sorted(notes.items()):
        others = f" and {of['files'] - 1:,} more" if of["files"] > 1 else ""
        lines.append(f"{of['first']}{others}: {note}" if of["first"] else note)
    if len(lines) > MOST:
        return [*lines[:MOST], f"and {len(lines) - MOST:,} other notes, which the logs have"]
    return lines
