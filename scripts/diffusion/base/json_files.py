"""Small results as JSON: receipts, facts, the summary."""

import json
import os
from pathlib import Path
from typing import Any

from diffusion.errors import DamagedError


def write_json(path: str | Path, value: object) -> None:
    """Write a result, indented, as UTF-8: whole or not at all, also when the power fails."""
    write_whole(Path(path), json_bytes(value))


def json_bytes(value: object) -> bytes:
    """Return JSON as this project writes it: indented, as UTF-8."""
    return json.dumps(value, indent=1, ensure_ascii=False).encode()


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file beside its place, flushed to the disk, and rename it."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_json(path: str | Path) -> Any:
    """Read what ``write_json`` wrote.

    Raises:
        DiffusionError: it is empty, or was cut off.
    """
    try:
        return json.loads(Path(path).read_bytes())
    except ValueError as error:
        fix = "remove it and run `snakemake` again: it is made once more"
        raise DamagedError(str(path), f"damaged ({error})", fix) from error


def damaged_in(folder: Path) -> list[Path]:
    """Return the results below a folder that are empty or cut off.

    A power cut leaves files empty, cut or full of zeros, whose names and times are as they should
    be. Only their ends are looked at: there may be thousands.
    """
    return [path for path in sorted(folder.rglob("*.json")) if not _is_whole(path)]


def _is_whole(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.read(1)
        file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
        return first + file.read(1) in (b"{}", b"[]")
