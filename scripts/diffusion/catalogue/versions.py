"""The versions of each table, versions.json: what each publication changed, the last one last.

Format: the version manifest of Portolan (spec_version 1.0.0), with what the manifest of the prefix
notes of each change beside it: rows, columns, keys. The manifest has the newest version and its
last changes; versions that are no longer in it stand here alone, so a file that cannot be read is
never replaced.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec

from diffusion.base.json_files import json_bytes
from diffusion.catalogue.keys import FILES_EACH, VERSIONS, is_table, key_of
from diffusion.catalogue.ours import GENERATOR, refusal
from diffusion.errors import PublishedError
from diffusion.publish.change_words import change_words
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store

SPEC = "1.0.0"
BREAKING = (
    "lost",
    "retyped",
    "crs",
    "geometries",
    "removed",
)  # who reads the version before may fail


class _Version(msgspec.Struct):
    version: str
    created: str
    assets: dict[str, dict]
    changed: list[dict] = []


class _Form(msgspec.Struct):
    """What is relied on of a file; all else may be of any form, and is kept."""

    current_version: str
    versions: list[_Version]


@dataclass(frozen=True)
class History:
    """The versions of a table.

    Attributes:
        key: of their file.
        versions: as they are written, the last one at the end.
        data: the file.
        is_new: not what lies there.
        etag: of what lies there; None where nothing does.
    """

    key: str
    versions: list[dict]
    data: bytes
    is_new: bool
    etag: str | None

    @property
    def current(self) -> str:
        """The newest version."""
        return self.versions[-1]["version"]


def histories(store: Store, manifest: Mapping) -> dict[str, History]:
    """Return the versions of each table as they are to be: what is there, and the newest.

    Raises:
        DiffusionError: a file is damaged, or this project did not make it; nothing was changed.
    """
    names = [name for name, entry in manifest["tables"].items() if is_table(entry)]
    keys = [key_of(name, VERSIONS) for name in names]
    there = side_by_side(store.read, keys, lambda _: 0)
    known = zip(names, keys, there, strict=True)
    return {n: _history(store, key, manifest["tables"][n], found) for n, key, found in known}


def _history(
    store: Store, key: str, entry: Mapping, found: tuple[bytes, str | None] | None
) -> History:
    content = _read(store, key, found[0]) if found else {}
    before = content.get("versions", [])
    now = _version(entry, before)
    etag = (found[1] or "") if found else None
    if found and now is None:
        return History(key, before, found[0], False, etag)
    versions = [*before, now] if now else before
    content |= GENERATOR | {"spec_version": SPEC, "current_version": versions[-1]["version"]}
    content["versions"] = versions
    return History(key, versions, json_bytes(content), True, etag)


def _read(store: Store, key: str, data: bytes) -> dict:
    """Return the content of a file, whose versions stand nowhere else."""
    try:
        content = json.loads(data)
        form = msgspec.convert(content, _Form)
        if not form.versions:
            raise ValueError("there is no version in it")
        [_numbers(version.version) for version in form.versions]
    except ValueError as error:  # msgspec's own is one
        fix = (
            "put back a good copy, and run `snakemake` again. If there is none, move this one to "
            "another name: the versions are then counted anew, and the data are as they were"
        )
        raise PublishedError(store.address(key), f"damaged ({error})", fix) from error
    if not GENERATOR.items() <= content.items():
        raise refusal(store, key)
    return content


def _version(entry: Mapping, before: list[dict]) -> dict | None:
    """Return the newest version; None where it is the last one that is known."""
    created, assets = entry.get("published", ""), _assets(entry)
    last = before[-1] if before else {}
    if last and (last["created"], last["assets"]) == (created, assets):
        return None
    known = [line for version in before for line in version.get("changed", ())]
    lines = [line for line in entry.get("changes", ()) if line not in known]
    # of before they had a date: what they changed is not to be told from what came before
    lines = [line for line in lines if not before or "published" in line]
    files = last.get("assets", {})
    changes = sorted(key for key, asset in assets.items() if files.get(key) != asset)
    is_breaking = any(key in line for line in lines for key in BREAKING)
    found = {
        "version": _next(last, is_breaking, lines, assets.keys() - files.keys()),
        "created": created,
        "breaking": is_breaking,
        "message": _message(lines, bool(before), bool(changes)),
        "assets": assets,
        "changes": changes,
        "removed": sorted(files.keys() - assets.keys()),
        "changed": lines,
    }
    found |= {key: entry[key] for key in ("vintage", "rows", "commit") if key in entry}
    return {key: value for key, value in found.items() if value not in ([], None)} | {
        "changes": changes
    }


def _message(lines: list[dict], is_later: bool, has_files: bool) -> str:
    if lines:
        return ". ".join(map(change_words, lines))
    if not is_later:
        return "the first version that is noted"
    return "values changed" if has_files else "what is said of it changed"


def _next(last: Mapping, is_breaking: bool, lines: list[dict], new: Collection[str]) -> str:
    """Return the next number: what went is a major change, what came a minor one.

    Files in a folder are called by their content, and come and go.
    """
    if not last:
        return "1.0.0"
    major, minor, patch = _numbers(last["version"])
    if is_breaking:
        return f"{major + 1}.0.0"
    if any("/" not in key for key in new) or any("new" in line for line in lines):
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def _assets(entry: Mapping) -> dict[str, dict]:
    """Return the files; very many of a folder are one, with the hash of all their hashes."""
    parts = [item for item in entry["objects"] if "values" in item]
    is_one = len(parts) > FILES_EACH
    found = dict(_asset(item) for item in entry["objects"] if not (is_one and "values" in item))
    if is_one:
        folder = parts[0]["key"].partition("/")[0] + "/"
        listed = "".join(f"{item['sha256']}  {item['key']}\n" for item in parts)
        digest = hashlib.sha256(listed.encode()).hexdigest()
        size = sum(item["size"] for item in parts)
        found[folder] = {"sha256": digest, "size_bytes": size, "href": folder, "files": len(parts)}
    return found


def _asset(item: Mapping) -> tuple[str, dict]:
    key = item["key"]
    return key, {"sha256": item["sha256"], "size_bytes": item["size"], "href": key}
