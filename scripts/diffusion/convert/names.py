"""Names of columns: none twice, none without signs, and one form of what looks the same.

Unicode writes `é` as one character (NFC), or as two (NFD, as files of a Mac have it): nobody sees
which. All names of files are in NFC here, as keyboards write it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable

from diffusion.config.remedies import in_line
from diffusion.convert.garbled import LOST, TWICE
from diffusion.errors import ColumnsError

BLANKS = re.compile(r"[\s_.’'-]+")
# what NFKD does not take apart
LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | {"%": " pct ", "€": " eur "}
)
UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
LIKE_BLANKS = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
RENAME = "have the publisher name them apart, and once they are set a new `vintage`"
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")


def composed(name: str) -> str:
    """Return a name in NFC."""
    return unicodedata.normalize("NFC", name)


def note_on(names: Iterable[str]) -> tuple[str, ...]:
    """Return notes on names in another form than NFC, damaged ones, and signs that none sees."""
    names = list(names)
    notes = []
    if twice := [name for name in names if re.search(TWICE, name) or LOST in name]:
        what = "names have text that was damaged before its file was made"
        notes.append(f"{what}: {', '.join(f'`{name}`' for name in twice[:3])}")
    if unseen := [name for name in names if as_seen(name) != name]:
        what = "names have signs that are not seen (such as U+200B), or blanks of another kind "
        what += "(U+00A0), and keep them; `names: snake` has names without"
        notes.append(f"{what}: {', '.join(map(ascii, unseen[:3]))}")
    return (*notes, *_note_on_form(names))


def as_seen(name: str) -> str:
    """Return a name without signs that are not seen, all blanks being plain ones."""
    return LIKE_BLANKS.sub(" ", UNSEEN.sub("", name))


def _note_on_form(names: Iterable[str]) -> tuple[str, ...]:
    odd = [composed(name) for name in names if not unicodedata.is_normalized("NFC", name)]
    if not odd:
        return ()
    listed = ", ".join(f"`{name}`" for name in odd[:3]) + (", …" if len(odd) > 3 else "")
    return (f"names have letters and accents apart (Unicode's NFD), and are read in NFC: {listed}",)


def plain_name(name: str) -> str:
    """Return a name without case, accents, blanks and the signs that stand for them."""
    apart = unicodedata.normalize("NFKD", name).casefold()
    return BLANKS.sub("", "".join(sign for sign in apart if not unicodedata.combining(sign)))


def snake_case(name: str) -> str:
    """Return a name in ASCII's small letters, digits and `_`; empty if it has none of these.

    `Libellé de la commune`, `libelléDeLaCommune` and `Libellé\\nde la commune` are
    `libelle_de_la_commune`; `%` is `pct`, and `€` is `eur`.
    """
    apart = unicodedata.normalize("NFKD", name.translate(LETTERS))
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", humps.lower()).strip("_")


def _folded(name: str) -> str:
    return composed(name).lower()


def without_twins(
    names: Iterable[str], dropped: Collection[str]
) -> tuple[list[str], frozenset[str]]:
    """Leave out the dropped of names that differ by case only: return the others, and those."""
    names = list(names)
    folded = [_folded(name) for name in names]
    twins = frozenset(n for n in names if n in dropped and folded.count(_folded(n)) > 1)
    return [name for name in names if name not in twins], twins


def distinct(names: list[str], label: str, fix: str, may_drop: bool = False) -> list[str]:
    """Refuse names that differ by case only, as SQL does not distinguish them, and empty ones.

    Args:
        may_drop: whether `drop` of one of the two resolves it (see ``without_twins``).
    """
    if "" in names:
        raise ColumnsError(label, "a column without a name", fix)
    if odd := next(filter(CONTROLS.search, names), None):
        raise ColumnsError(label, f"a column's name has control characters: {odd!r}", fix)
    folded = [name.lower() for name in names]
    twice = sorted({name for name, low in zip(names, folded, strict=True) if folded.count(low) > 1})
    if twice:
        if may_drop and len(set(names)) == len(names):
            fix = f"leave out what is not needed, `drop: [{in_line(twice[0])}]`; or {fix}"
        found = f"columns of one name: {', '.join(twice)}"
        raise ColumnsError(label, found, fix)
    return names
