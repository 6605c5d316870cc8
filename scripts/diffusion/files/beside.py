"""What stands beside the records of a document: it becomes no column, and that is told."""

from collections.abc import Callable, Iterator

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

    def notes(self, is_told: Callable[[str], bool] = bool) -> Iterator[str]:
        """Yield a note on what was found, if anything was.

        Args:
            is_told: of which places.
        """
        places = list(filter(is_told, self._places))
        if places:
            listed = ", ".join(f"`{place}`" for place in places[:SHOWN])
            more = f" and {len(places) - SHOWN:,} more" if len(places) > SHOWN else ""
            yield f"beside the records: {listed}{more}: in no column"
