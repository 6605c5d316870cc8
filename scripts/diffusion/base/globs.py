"""Globs over names with folders: members of archives, keys of S3."""

import unicodedata
from fnmatch import fnmatchcase

WILDCARDS = "*?["


def is_glob(name: str) -> bool:
    """Return whether a name contains a wildcard of globs."""
    return any(sign in name for sign in WILDCARDS)


def matches(name: str, pattern: str) -> bool:
    """Return whether a name matches a glob, folder by folder; ``**`` matches any number of them."""
    return _parts_match(name.split("/"), pattern.split("/"))


def fold(name: str) -> str:
    """Return the name as a file system that ignores case or normalises Unicode sees it."""
    return unicodedata.normalize("NFC", name).casefold()


def _parts_match(parts: list[str], globs: list[str]) -> bool:
    if not globs or not parts:
        return not parts and all(glob == "**" for glob in globs)
    if globs[0] == "**":
        return _parts_match(parts, globs[1:]) or _parts_match(parts[1:], globs)
    return fnmatchcase(parts[0], globs[0]) and _parts_match(parts[1:], globs[1:])
