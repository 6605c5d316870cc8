"""What looks at the rows of a table on their way to its file, and tells what may be wrong."""

from collections.abc import Collection, Sequence

from diffusion.config.reading import Convert
from diffusion.convert.columns import Column
from diffusion.convert.headings import Headings, NamedOnce
from diffusion.convert.json.odd_records import note_on_features
from diffusion.convert.lost_digits import LostDigits
from diffusion.convert.null_island import NullIsland
from diffusion.convert.odd_signs import OddSigns
from diffusion.convert.totals import Totals
from diffusion.tables.missing_words import MissingWords
from diffusion.tables.no_numbers import NoNumbers
from diffusion.tables.write import Rows


class Watched:
    """All who look, one after the other."""

    def __init__(
        self,
        columns: Sequence[Column],
        convert: Convert,
        added: Collection[str],
        *,
        has_where: bool,
    ):
        """Args: of the table; how it is made; which no file holds; can `where` leave rows out."""
        self._totals = Totals(columns, convert, has_where=has_where)
        self._lost, self._island = LostDigits(columns), NullIsland()
        self._signs = OddSigns(columns)
        self._features = note_on_features({column.raw for column in columns})
        self._words, self._numbers = MissingWords(), NoNumbers()
        own = [column for column in columns if column.raw not in added]
        self._headings, self._groups = Headings(own), NamedOnce(own)

    def watch(self, rows: Rows) -> Rows:
        """Return the rows; they are looked at as they are read."""
        signs = (self._signs, self._words, self._numbers, self._headings, self._groups)
        for each in (self._totals, self._lost, self._island, *signs):
            rows = each.watch(rows)
        return rows

    def notes(self, known: Collection[str]) -> list[str]:
        """Return what is told, once all rows have passed.

        Args:
            known: columns of which it is told anyway that they have words for no value.
        """
        found = [*self._features, *self._signs.notes(), *self._headings.notes()]
        return [*found, *self._words.notes(known), *self._groups.notes()]

    def alerts(self) -> list[str]:
        """Return what is told loudly."""
        found = [*self._totals.notes(), *self._lost.alerts(), *self._island.alerts()]
        return [*found, *self._signs.alerts(), *self._numbers.alerts()]
