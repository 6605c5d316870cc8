"""What a receipt records about the job that wrote it."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path


def spec_hash(*spec: object) -> str:
    """Return the hash of what a publishing job was asked to do; its receipt keeps it."""
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()


def is_published(receipt: Path, made_from: Sequence[Path], spec: str) -> bool:
    """Return whether a table was published as it is now: same files, same configuration."""
    if not (receipt.exists() and all(path.exists() for path in made_from)):
        return False
    newest = max(path.stat().st_mtime for path in made_from)
    same = json.loads(receipt.read_text("utf-8")).get("spec") == spec
    return same and newest <= receipt.stat().st_mtime
