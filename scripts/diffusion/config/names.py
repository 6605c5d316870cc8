"""What counts as the name of a file in scripts/derive/."""

import re

FILE = re.compile(r"[A-Za-z0-9_]+\.(sql|py)")


def is_query(sql: str) -> bool:
    """Say whether ``sql:`` is a query itself and not the name of a file."""
    return not FILE.fullmatch(sql) and any(map(str.isspace, sql.strip()))
