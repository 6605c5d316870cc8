"""Who looks at the rows of a table on their way to its file, and tells what may be wrong."""

from collections.abc import Collection, Sequence

from diffusion.config.reading import Convert
from diffusion.convert.columns import Column
from diffusion.convert.headings import Headings, NamedOnce
from diffusion.convert.lost_digits import LostDigits
from diffusion.convert.midnights import Midnights
from diffusion.convert.mixed_days import MixedDays
from diffusion.convert.null_island import NullIsland
from diffusion.convert.numbered_days import NumberedDays
from diffusion.convert.odd_signs import OddSigns
from diffusion.convert.scales import Scales
from diffusion.convert.sentinels import Sentinels
from diffusion.convert.several_units import SeveralUnits
from diffusion.convert.totals import Totals
from diffusion.tables.doubles import Doubles
from diffusion.tables.missing_words import MissingWords
from diffusion.tables.no_numbers import NoNumbers
from diffusion.tables.rows import Watched


def watchers(
    columns: Sequence[Column],
    convert: Convert,
    added: Collection[str],
    known: Collection[str],
    *,
    has_where: bool,
) -> Watched:
    """Return all who look.

    Args:
        columns: of the table.
        added: columns that no file holds.
        known: columns of which it is told anyway that they have words for no value.
        has_where: can `where` leave rows out.
    """
    own = [column for column in columns if column.raw not in added]
    return Watched(
        [
            Totals(columns, convert, added, has_where=has_where),
            LostDigits(columns),
            NullIsland(),
            OddSigns(columns),
            Headings(own),
            MissingWords(known),
            NamedOnce(own),
            NoNumbers(),
            MixedDays(columns, convert, added),
            Midnights(),
            NumberedDays(own),
            Scales(columns, added),
            Sentinels(),
            SeveralUnits(columns),
            Doubles(added),
        ]
    )
