"""What `sql:` and `script:` of a derived entry may be: a file, or the query itself."""

import re
from pathlib import Path

# a file in scripts/derive/, or a path from the project's folder, with a slash; never above it
FILE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_]+\.(sql|py)")


def is_query(sql: str) -> bool:
    """Return whether ``sql:`` is a query itself and not the name of a file."""
    return not FILE.fullmatch(sql) and any(map(str.isspace, sql.strip()))


def derive_file(project: Path, name: str) -> Path:
    """Return where the SQL or Python file of a derived entry is."""
    return project / name if "/" in name else project / "scripts" / "derive" / name
