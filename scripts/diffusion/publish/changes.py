"""How a new version of a table differs from the published one, and whether that is suspicious.

A source that changes its shape upstream is still a file that can be read, and checks that nobody
thought of pass. So what was published is compared with what is to be: lost and retyped columns,
columns with few values or none left, other geometries, and a fall or a leap of the rows stop
publishing until they are accepted.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from diffusion.config.periods import is_older
from diffusion.errors import ChangesError
from diffusion.publish.geometries import MOVED, geometry_changes
from diffusion.publish.missing import emptied, thinned

KEPT = 100  # changes that the manifest keeps of a table
LEAP, ENOUGH = 10, 100  # times as many rows are suspicious, where there were so many
# by which entries are compared that have no `origin`: they are of an older version of Diffusion
INPUTS = ("raw_sha256", "inputs")


@dataclass(frozen=True)
class Change:
    """What differs between the published version of a table and a new one.

    Attributes:
        rows: of both.
        lost, new: columns.
        retyped: columns with both types.
        emptied: columns that had values, and have none any more.
        thinned: columns that lost most of their values, with how many they had and have.
        geometries: ``crs`` and ``geometries``, before and now, where they differ.
        widened: how many times as many partitions there are, if more.
        removed: files, and folders, that it is no longer published as.
        back: the vintages of both, where the new one is older.
        keys: how many are ``added``, ``removed``, ``changed``, where `unique` declares them; None
            where they were not compared.
    """

    rows: tuple[int, int]
    lost: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    retyped: dict[str, tuple[str, str]] = field(default_factory=dict)
    emptied: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    thinned: dict[str, tuple[int, int]] = field(default_factory=dict)
    geometries: dict[str, tuple[str, str]] = field(default_factory=dict)
    widened: float = 1
    back: tuple[str, str] | None = None
    keys: Mapping[str, int] | None = None

    @property
    def noted(self) -> dict:
        """Return what the manifest keeps: nothing of what is the same."""
        rows = {"rows": list(self.rows)} if self.rows[0] != self.rows[1] else {}
        found: dict = {"lost": self.lost, "new": self.new, "emptied": self.emptied}
        found |= {"removed": self.removed}
        for key, pairs in (("retyped", self.retyped), ("thinned", self.thinned)):
            found[key] = {name: list(pair) for name, pair in pairs.items()}
        found |= {key: list(pair) for key, pair in self.geometries.items()}
        found["keys"] = {kind: count for kind, count in (self.keys or {}).items() if count}
        found["back"] = list(self.back or ())
        return rows | {k: v for k, v in found.items() if v}

    def suspicions(self, shrink: float) -> dict[str, str]:
        """Return what is suspicious in words, by the kind of consent that it needs.

        Args:
            shrink: largest share of rows that may be lost.
        """
        before, now = self.rows
        found = {}
        if self.back:
            found["vintage"] = "vintage {} is published, and this is the older {}".format(
                *self.back
            )
        has_leapt = before >= ENOUGH and now >= before * LEAP * self.widened
        if has_leapt or now < before * (1 - shrink):
            found["rows"] = f"{before:,} rows become {now:,}"
        columns = [f"the column `{name}` is gone" for name in self.lost]
        columns += [f"the column `{n}` was {a}, is {b}" for n, (a, b) in self.retyped.items()]
        columns += [f"the column `{name}` has no value any more" for name in self.emptied]
        columns += [
            f"the column `{name}` has values in {left:,} of {now:,} rows, it had in {had:,} of "
            f"{before:,}"
            for name, (had, left) in self.thinned.items()
        ]
        if columns and self.new:
            columns.append(f"new are {', '.join(f'`{name}`' for name in self.new)}")
        columns += [MOVED[key].format(*pair) for key, pair in self.geometries.items()]
        return found | ({"columns": "; ".join(columns)} if columns else {})


def change_between(
    known: Mapping, now: Mapping, keys: Collection[str], unique: Mapping[str, int] | None = None
) -> Change:
    """Return how a table differs from its entry in the manifest.

    Args:
        known: the entry.
        now: the entry that it would become.
        keys: of the objects that it would have.
        unique: how the keys of its rows differ, see ``Change.keys``.
    """
    before = {column["name"]: column["type"] for column in known.get("columns", [])}
    after = {column["name"]: column["type"] for column in now["columns"]}
    both = before.keys() & after.keys()
    files = [item["key"] for item in known.get("objects", [])]
    rows = (known.get("rows", 0), now["rows"])
    return Change(
        rows=rows,
        lost=[name for name in before if name not in after],
        new=[name for name in after if name not in before] if before else [],
        retyped={n: (before[n], after[n]) for n in before if n in both and before[n] != after[n]},
        removed=_vanished(files, keys),
        emptied=emptied(known, now, both),
        thinned=thinned(known, now, both),
        geometries=geometry_changes(known.get("geo"), now.get("geo")),
        widened=_widened(known, now),
        back=_back(known.get("vintage", ""), now.get("vintage", "")),
        keys=unique,
    )


def _vanished(before: Iterable[str], now: Iterable[str]) -> list[str]:
    """Return the places that people link to or read, and where nothing is any more.

    Files in a folder are called by their content, and come and go.
    """
    there = {place for key in now for place in _places(key)}
    gone = dict.fromkeys(place for key in before for place in _places(key) if place not in there)
    return [place for place in gone if not any(place != o and place.startswith(o) for o in gone)]


def _places(key: str) -> Iterator[str]:
    """Yield a file beside the folder; or the folder, and how it is divided: `t/by_year=…/`."""
    folder, slash, path = key.partition("/")
    yield folder + slash
    if slash and (columns := [p.partition("=")[0] for p in path.split("/")[:-1] if "=" in p]):
        yield f"{folder}/" + "".join(f"{column}=…/" for column in columns)


def refuse_suspicious(
    changes: Mapping[str, Change], shrink: Mapping[str, float], consents: Iterable[str]
) -> None:
    """Refuse new versions that differ too much, all of them at once.

    Args:
        changes: by the tables' published names.
        shrink: largest share of rows that each may lose.
        consents: ``TABLE:columns``, ``TABLE:rows`` and ``TABLE:vintage`` are looked for.

    Raises:
        DiffusionError: with what differs, and how to accept it.
    """
    given, found = set(consents), {}
    for name, change in changes.items():
        for kind, words in change.suspicions(shrink[name]).items():
            found[f"{name}:{kind}"] = f"{name}: {words}"
    if not found.keys() - given:
        return
    told = "\n  ".join(words for consent, words in found.items() if consent not in given)
    kinds = {consent.rpartition(":")[2] for consent in found.keys() - given}
    looks = ["get the configuration that published the newer vintage (`git pull`)"]
    looks = looks if "vintage" in kinds else []
    looks += ["look at what the source sends now"] if kinds - {"vintage"} else []
    fix = f"{'; '.join(looks)}. Nothing was published; to accept this change:\n"
    fix += f"snakemake --config 'accept={json.dumps(sorted(found.keys() | given))}'"
    raise ChangesError("new version", f"differs from what is published\n  {told}", fix)


def is_of_same_origin(known: Mapping, now: Mapping) -> bool:
    """Say whether both come from the same raw bytes: then the user changed the rest."""
    origins = known.get("origin"), now.get("origin")
    if all(origins):
        return origins[0] == origins[1]
    return all(known.get(key) == now.get(key) for key in INPUTS)


def history(known: Mapping, change: Change, vintage: str, consents: Iterable[str]) -> list[dict]:
    """Return the changes that the manifest keeps of a table, the last one at the end.

    Args:
        vintage: of the new version; empty for a derived table.
        consents: those that this change was given.
    """
    before = list(known.get("changes", []))
    if not change.noted or not known.get("columns"):
        return before
    line = {"vintage": vintage} if vintage else {}
    accepted = {"accepted": sorted(consents)} if consents else {}
    return [*before, line | change.noted | accepted][-KEPT:]


def _back(before: str, now: str) -> tuple[str, str] | None:
    return (before, now) if is_older(now, before) else None


def _widened(known: Mapping, now: Mapping) -> float:
    """Return how many times as many partitions there are: the user declares them.

    An entry of an older version of Diffusion does not say how many there were: of those, no leap
    is judged.
    """
    if "partitions" not in known:
        return float("inf")
    return max(1, now["partitions"] / known["partitions"])
