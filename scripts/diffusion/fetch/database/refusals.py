"""Why a database gives no rows, in words that users can act on: the same for each kind."""

LONGEST_WORDS = 600  # characters of a server's error that are shown
AWAY = "is the server up, and this machine on its network? check host and port; then run "
AWAY += "`snakemake` again: nothing was frozen"


class RefusedError(Exception):
    """A database that gives no rows: what it says, and what to do.

    Attributes:
        again: the whole statement may be tried again, as the reason may pass.
    """

    def __init__(self, found: str, fix: str, *, again: bool = False, key: str = "query"):
        super().__init__(found)
        self.found, self.fix, self.again, self.key = found, fix, again, key


def shown(error: object) -> str:
    """Return the words of a server on one line."""
    return " ".join(str(error).split())[:LONGEST_WORDS]


def too_long(seconds: float) -> RefusedError:
    """Return the error for a statement that took longer than it may."""
    fix = "narrow the query, have an index made for it, or read it in partitions; or raise "
    fix += f"`timeout`, which is {seconds:g} seconds; nothing was frozen"
    return RefusedError(f"it took more than {seconds:g} seconds, and was ended", fix, key="timeout")


def ended() -> RefusedError:
    """Return the error for a statement that somebody ended."""
    fix = "ask who ended it; then run `snakemake` again: nothing was frozen"
    return RefusedError("somebody on the server ended the statement", fix)


def no_text(what: str) -> RefusedError:
    """Return the error for a value that is not what text may be."""
    fix = "leave the column out, or take it out of the values in the query (`replace(…)`)"
    return RefusedError(f"a value holds {what}, which no text may", fix)


def too_wide(size: int, most: int) -> RefusedError:
    """Return the error for a row that is longer than what is read of a raw copy.

    Args:
        size, most: bytes.
    """
    found = f"a row has {size / 1e6:,.1f} MB, and no more than {most / 1e6:,.1f} are read"
    return RefusedError(found, "leave out, or shorten in the query, what is so long")
