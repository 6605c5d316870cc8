"""What an XML document holds around its records, and what of it may be records."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from xml.parsers import expat

from diffusion.base.json_path import in_yaml, name_step
from diffusion.files.xml_parser import CHUNK, XmlError, chunks, new_parser

LOOKED_AT = 1 << 24  # bytes in which it is looked for what may be records
SHOWN = 3  # of these


def candidates(path: Path) -> str:
    """Return what may be the records of a document, as what `records:` may be, in words."""
    counts: Counter[tuple[str, ...]] = Counter()
    here: list[str] = []
    holders: set[tuple[str, ...]] = set()

    def start(tag: str, attributes: dict[str, str]) -> None:
        here.append(tag.rpartition(" ")[2])
        counts[tuple(here)] += 1
        holders.update({tuple(here[:-1])}, {tuple(here)} if attributes else ())

    _parse_start(new_parser(start, lambda tag: here.pop()), path)

    def below(at: tuple[str, ...]) -> bool:
        return any(other[:-1] == at for other in holders if other)

    several = {at: n for at, n in counts.items() if n > 1 and at in holders}
    outer = [at for at in several if not any(at[:n] in several for n in range(1, len(at)))]
    if not outer:  # one record may be all there is: what holds values alone
        outer = [at for at in counts if len(at) > 1 and at in holders and not below(at)]
    best = sorted(outer, key=lambda at: -counts[at])[:SHOWN]
    paths = {at: in_yaml(".".join(map(name_step, at))) for at in best}
    told = [
        f"`records: {path}` ({counts[at]:,} element{'s' * (counts[at] > 1)})"
        for at, path in paths.items()
    ]
    return f"if these are the records, write {' or '.join(told)}" if told else ""


class _ReachedError(Exception):
    """What is looked for begins."""


def around_elements(path: Path, steps: Sequence[str]) -> dict[str, str]:
    """Return what stands before the first record: attributes of what holds it, and other texts.

    Args:
        steps: names that lead to the records; the root's alone where they are not known.
    """
    found: dict[str, str] = {}
    here: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        here.append(tag.rpartition(" ")[2])
        if here == [*steps] if len(steps) > 1 else len(here) > 1:
            raise _ReachedError
        if here[1:] == list(steps[1 : len(here)]):
            own = {f"@{name.rpartition(' ')[2]}": value for name, value in attributes.items()}
            found.update(own)

    def text(words: str) -> None:
        if words.strip():
            found[".".join(map(name_step, here[1:]))] = words.strip()

    parser = new_parser(start, lambda tag: here.pop())
    parser.CharacterDataHandler = text
    _parse_start(parser, path)
    return found


def _parse_start(parser: expat.XMLParserType, path: Path) -> None:
    """Parse the first bytes of a document; where that ends early, what came before counts."""
    with suppress(_ReachedError, expat.ExpatError, XmlError, ValueError):
        for chunk in islice(chunks(path), LOOKED_AT // CHUNK):
            parser.Parse(chunk, not chunk)
