"""Records of an API that stand on two pages next to each other: rows are doubled.

A check fails, which may be lowered to a warning. Where pages hold records twice themselves, the
data are like that, and it is noted only.
"""

from collections.abc import Iterable, Iterator

from diffusion.raw.inputs import RawInput


def on_two_pages(inputs: Iterable[RawInput]) -> int:
    """Return how many records stand on the page before, too, where no page holds one twice."""
    return sum(item.on_both for item in inputs if not item.twice)


def on_pages_note(item: RawInput) -> Iterator[str]:
    """Yield the note on such records among others that are no different."""
    if item.on_both and item.twice:
        yield (
            f"{item.on_both:,} records stand on two pages next to each other, and {item.twice:,} "
            "come several times on one: rows that are the same"
        )
