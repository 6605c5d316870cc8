"""Records of an API that stand on two pages: rows are doubled, or the data are like that.

A check decides, of what is counted here. Where pages hold records twice themselves, the data are
like that, and it is noted only. Of rows that are the same by chance, one pair among so many as
there are pages would stand on one page.
"""

from collections.abc import Iterable, Iterator

from diffusion.raw.inputs import RawInput

CHANCE = 5  # pairs that would stand on one page by chance: that there is none is no chance


def on_two_pages(inputs: Iterable[RawInput]) -> dict[str, int]:
    """Return how many records stand on two pages, where no page holds one twice.

    ``on_both``: on the page before, too; ``apart``: on one further before; ``too_many``: of these,
    those that are more than chance explains.
    """
    found = {"on_both": 0, "apart": 0, "too_many": 0}
    for item in inputs:
        if not item.twice:
            found["on_both"] += item.on_both
            found["apart"] += item.apart
            found["too_many"] += item.apart if item.apart >= CHANCE * (item.pages - 1) else 0
    return found


def on_pages_note(item: RawInput) -> Iterator[str]:
    """Yield the note on such records among others that are no different."""
    if (item.on_both or item.apart) and item.twice:
        near = " next to each other" if not item.apart else ""
        yield (
            f"{item.on_both + item.apart:,} records stand on two pages{near}, and {item.twice:,} "
            "come several times on one: rows that are the same"
        )
