"""Globs over names with folders: members of archives, keys of S3."""

import unicodedata
from fnmatch import fnmatchcase

WILDCARDS = "*?["


def is_glob(name: str) -> bool:
    """Say whether a name holds a sign of a glob."""
    return any(sign in name for sign in WILDCARDS)


def matches(name: str, pattern: str) -> bool:
    """Say whether a name matches a glob, folder by folder; ``**`` stands for any of them."""
    return _parts_match(name.split("/"), pattern.split("/"))


def fold(name: str) -> str:
    """Return the name as a file system without case, or of another Unicode form, takes it."""
    return unicodedata.normalize("NFC", name).casefold()


def _parts_match(parts: list[str], globs: list[str]) -> bool:
    if not globs or not parts:
        return not parts and all(glob == "**" for glob in globs)
    if globs[0] == "**":
        return _parts_match(parts, globs[1:]) or _parts_match(parts[1:], globs)
    return fnmatchcase(parts[0], globs[0]) and _parts_match(parts[1:], globs[1:])
