"""How many times each row of a table is there, where all are there as often."""

from math import gcd

import numpy as np

from diffusion.tables.hashes import different

FEWEST, MANY = 5, 20  # different rows, each exactly twice; each two, four or six times …


def times_of(counts: np.ndarray) -> int:
    """Return how many times each of some rows is there; 0 for once, or if that may be chance.

    Args:
        counts: of each different row.
    """
    if not len(counts):
        return 0
    return times_if_sure(gcd(*map(int, different(counts)[0])), int(counts.max()), len(counts))


def times_if_sure(times: int, most: int, rows: int) -> int:
    """Return what divides the numbers of different rows, if that is no chance; else 0.

    Of a few, all must be there as often; of many, a number that divides all counts is no chance.

    Args:
        times: what divides them.
        most: the largest of them.
        rows: how many different rows there are.
    """
    is_sure = rows >= MANY or (rows >= FEWEST and most == times)
    return times if times > 1 and is_sure else 0
