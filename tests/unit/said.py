"""What an error says without its code, which tests/unit/test_troubleshooting.py is about."""

import re

CODE = re.compile(r" \[[a-z-]+\](?=:?(\n|$))")


def words_of(error: BaseException | str) -> str:
    """Return the words of an error that has a code, or what a terminal shows of such errors."""
    words = str(error)
    assert CODE.search(words), f"it has no code: {words}"
    return CODE.sub("", words)
