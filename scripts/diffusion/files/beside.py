"""What stands beside the records of a document: it becomes no column, and that is told."""

from collections.abc import Collection, Iterator

MOST = 100  # names that are kept in mind
SHOWN = 5


class Beside:
    """The places of what stands beside records, in their order; ``MOST`` of them at most."""

    def __init__(self) -> None:
        self._places: dict[str, None] = {}

    def add(self, place: str) -> None:
        """Note a place, as a path names it."""
        if len(self._places) < MOST:
            self._places.setdefault(place)

    def notes(self, used: Collection[str] = (), within: str = "") -> Iterator[str]:
        """Yield a note on what was found, if anything was.

        Args:
            used: places that something is taken from all the same.
            within: a sign that places have, or they are not told.
        """
        places = [place for place in self._places if place not in used and within in place]
        if places:
            listed = ", ".join(f"`{place}`" for place in places[:SHOWN])
            more = f" and {len(places) - SHOWN:,} more" if len(places) > SHOWN else ""
            yield f"beside the records: {listed}{more}: in no column"
