"""Work on many objects: small ones many at once, large ones few, so that memory stays bounded."""

from collections import deque
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
    small = deque(number for number, item in enumerate(items) if size(item) <= SMALL)
    large = deque(number for number, item in enumerate(items) if size(item) > SMALL)

    def work_off(waiting: deque[int]) -> None:
        while waiting:
            try:
                number = waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            found[number] = work(items[number])

    for waiting, at_once in ((small, AT_ONCE), (large, LARGE_AT_ONCE)):
        if len(waiting) < 2:
            work_off(waiting)
            continue
        # threads take one item after the other: a future of each costs more than a small object
        with ThreadPoolExecutor(min(at_once, len(waiting))) as pool:
            running = [pool.submit(work_off, waiting) for _ in range(min(at_once, len(waiting)))]
            try:
                for future in as_completed(running):
                    future.result()
            finally:
                waiting.clear()
                pool.shutdown(wait=False)
    return [found[number] for number in range(len(items))]
