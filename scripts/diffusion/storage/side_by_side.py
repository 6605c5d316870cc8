"""Work on many objects: small ones many at once, large ones few, so that memory stays bounded."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
SMALL = 4 * 1024 * 1024  # bytes; what 32 of them take in memory is bearable
AT_ONCE, LARGE_AT_ONCE = 32, 4


def side_by_side(
    work: Callable[[Item], Result], items: Sequence[Item], size: Callable[[Item], int]
) -> list[Result]:
    """Return what ``work`` returns for each item, in their order.

    Args:
        work: is called in threads; what it raises ends the whole: what has not begun is left out.
        items: what to work on.
        size: bytes of an item.
    """
    found: dict[int, Result] = {}
    small = [number for number, item in enumerate(items) if size(item) <= SMALL]
    large = [number for number, item in enumerate(items) if size(item) > SMALL]
    for numbers, at_once in ((small, AT_ONCE), (large, LARGE_AT_ONCE)):
        if len(numbers) < 2:
            found |= {number: work(items[number]) for number in numbers}
            continue
        with ThreadPoolExecutor(min(at_once, len(numbers))) as pool:
            running = {pool.submit(work, items[number]): number for number in numbers}
            try:
                for future in as_completed(running):
                    found[running[future]] = future.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
    return [found[number] for number in range(len(items))]
