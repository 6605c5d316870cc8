"""Small results as JSON: receipts, facts, the summary."""

import json
from pathlib import Path
from typing import Any


def write_json(path: str | Path, value: object) -> None:
    """Write a result, indented, as UTF-8."""
    Path(path).write_text(json.dumps(value, indent=1, ensure_ascii=False), "utf-8")


def read_json(path: str | Path) -> Any:
    """Read what ``write_json`` wrote."""
    return json.loads(Path(path).read_text("utf-8"))
