"""In which encoding a text may be that is no UTF-8: what each reads, and which one is likely."""

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

CANDIDATES = ("cp1252", "iso-8859-15", "mac_roman", "cp850")  # what French files are written in
EBCDIC = ("cp500", "cp037", "cp273", "cp1140")  # of mainframes: no letter is where ASCII has it
CONTROLS = re.compile("[\x80-\x9f]")  # no text has them: they show that an encoding is not the one
ANY = "if none does, or if another is known, state that one: any codec of Python, such as "
ANY += "`gb18030`, `shift_jis`, `cp1251`"

# a French text has no other letters, and few other signs; those of two encodings are a doubt
LETTERS = frozenset("àâäæçéèêëîïôöœùûüÿ" + "àâäæçéèêëîïôöœùûüÿ".upper())
SIGNS = frozenset("«»°’‘“”–—…€£²³§·ºª×±µ¼½¾©®\xa0")
WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
INSIDE = re.compile(r"[a-z][À-ÖØ-Þ]")  # no word has a capital behind a small letter
LETTER = re.compile(rb"[A-Za-z]")
SHOWN = 4  # letters that the evidence counts
LIKELY = "likely:"
STATED = re.compile(rf"`encoding: (\S+)` reads .*\({LIKELY} (.+)\)$", re.MULTILINE)


class Likely(NamedTuple):
    """The encoding that a text is likely in, and the evidence in words."""

    encoding: str
    why: str


def likely_french(data: bytes) -> Likely | None:
    """Return the only encoding that reads a text as French; None where none does, or several do.

    French has `é` in any text of some length, no letters but its own, and more without an accent in
    a word than with one: what is in another alphabet, or another language, does not read so.
    """
    words = b" ".join(WORD.findall(data))
    if len(words.translate(None, bytes(range(0x80)))) > len(LETTER.findall(words)):
        return None
    read = {name: read_as(words, name) for name in CANDIDATES}
    texts = {text: name for name, text in reversed(read.items()) if text and _is_french(text)}
    if len(texts) != 1:
        return None
    text, name = texts.popitem()
    signs = [sign for sign in text if not sign.isascii()]
    letters = Counter(sign for sign in signs if sign in LETTERS).most_common()
    shown = ", ".join(f"{sign} {count:,}" for sign, count in letters[:SHOWN])
    more = ", …" * (len(letters) > SHOWN)
    counted = f"{len(signs):,} sign{'s' * (len(signs) > 1)} beyond ASCII"
    return Likely(name, f"{counted}, all French then: {shown}{more}")


def likely_in(fix: str) -> Likely | None:
    """Return the likely encoding that a remedy of ``readings`` states."""
    found = STATED.search(fix)
    return Likely(found[1], found[2]) if found else None


def _is_french(text: str) -> bool:
    signs = {sign for sign in text if not sign.isascii()}
    return bool(signs & {"é", "É"}) and signs <= LETTERS | SIGNS and not INSIDE.search(text)


def readings(
    line: bytes,
    encoding: str,
    candidates: Sequence[str] = CANDIDATES,
    likely: Likely | None = None,
) -> str:
    """Return what to do about a line that is not in an encoding: the keys, and what each reads.

    Args:
        likely: the one that is, with the evidence: it comes first.
    """
    by_text: dict[str, list[str]] = {}
    if likely is None and _is_ebcdic(line):
        candidates = EBCDIC
    for name in candidates:
        text = read_as(line, name)
        is_other = encoding == "auto" or codecs.lookup(name) != codecs.lookup(encoding)
        if is_other and text is not None:
            by_text.setdefault(text, []).append(name)
    if not by_text:
        return "ask the publisher for the encoding, and state it: `encoding: …`"
    why = {likely.encoding: f" ({LIKELY} {likely.why})"} if likely else {}
    listed = [
        f"  `encoding: {names[0]}` reads {text.splitlines()[0]}{why.get(names[0], '')}"
        for text, names in sorted(by_text.items(), key=lambda item: item[1][0] not in why)
    ]
    return "state the encoding in which that line reads right:\n" + "\n".join([*listed, ANY])


def _is_ebcdic(line: bytes) -> bool:
    """Whether most bytes are EBCDIC's letters and digits, and none is a blank or digit of ASCII."""
    high = sum(byte > 0x80 for byte in line)
    return len(line) > 1 and 2 * high > len(line) and not re.search(rb"[ 0-9\n]", line)


def read_as(line: bytes, encoding: str) -> str | None:
    """Return a line as an encoding reads it; None where it cannot be in it."""
    try:
        text = line.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if CONTROLS.search(text) else text.strip()
