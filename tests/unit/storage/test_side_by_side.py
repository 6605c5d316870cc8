"""Work on many objects in threads: in their order, and with one error no more of it is begun."""

import threading
import time

import pytest

from diffusion.storage.side_by_side import AT_ONCE, LARGE_AT_ONCE, SMALL, side_by_side


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_results_are_in_the_order_of_items(count):
    """Small and large ones in turn, the small ones ending in any order."""
    sizes = [SMALL + number % 2 for number in range(count)]

    def work(number: int) -> int:
        time.sleep(number % 7 / 10_000)
        return number * 10

    found = side_by_side(work, range(count), sizes.__getitem__)
    assert found == [number * 10 for number in range(count)]


@pytest.mark.parametrize(("size", "most"), [(SMALL, AT_ONCE), (SMALL + 1, LARGE_AT_ONCE)])
def test_what_has_not_begun_is_left_out_after_an_error(size, most):
    begun: list[int] = []
    failed = threading.Event()

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            failed.set()
            raise ConnectionError("the line is cut")
        failed.wait()
        time.sleep(0.05)

    with pytest.raises(ConnectionError, match="the line is cut"):
        side_by_side(work, range(500), lambda _: size)
    assert len(begun) <= 2 * most


def test_an_index_error_of_the_work_is_its_own():
    def work(number: int) -> None:
        raise IndexError(number)

    with pytest.raises(IndexError):
        side_by_side(work, [1, 2], lambda _: 1)
    with pytest.raises(IndexError):
        side_by_side(work, [1], lambda _: 1)
