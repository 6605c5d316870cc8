"""Columns that lost their values from the published version of a table to a new one."""

from collections.abc import Collection, Mapping

FEW, MOST = 0.2, 0.5  # shares of the rows: up to so many had no value, more have none now


def emptied(known: Mapping, now: Mapping, both: Collection[str]) -> list[str]:
    """Return the columns that had values, and have none any more.

    Args:
        known, now: the entries in the manifest.
        both: the columns of both.
    """
    if "missing" not in known or "rows" not in known:
        return []
    return [name for name in sorted(both) if _is_empty(now, name) and not _is_empty(known, name)]


def thinned(known: Mapping, now: Mapping, both: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return the columns that lost most of their values, with how many they had and have."""
    if "missing" not in known or "rows" not in known:
        return {}
    return {
        name: (_values(known, name), _values(now, name))
        for name in sorted(both)
        if known["rows"]
        and known["missing"].get(name, 0) <= known["rows"] * FEW
        and now["missing"].get(name, 0) > now["rows"] * MOST
        and not _is_empty(now, name)
    }


def _is_empty(entry: Mapping, name: str) -> bool:
    return name in entry["missing"] and entry["missing"][name] == entry["rows"]


def _values(entry: Mapping, name: str) -> int:
    """Return how many values a column has."""
    count: int = entry["rows"] - entry["missing"].get(name, 0)
    return count
