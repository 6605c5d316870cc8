"""INSEE's FILOSOFI 2014 by commune, generated: the real columns, the real ways to be silent.

Statistical secrecy as in the real file: nothing but counts and the median below 1,000
households, nothing at all below 50 ("s"), territories that are not covered ("nd"), values that
are not significant ("ns"), and empty cells.
"""

from functools import lru_cache
from random import Random

from standins.places import Commune, communes

BY_AGE = [f"TP60AGE{age}14" for age in range(1, 7)]
BY_TENURE = ["TP60TOL114", "TP60TOL214"]
SHARES = ["PRA14", "PTSAC14", "PBEN14", "PPEN14", "PPAT14"]
SHARES += ["PPSOC14", "PPFAM14", "PPMINI14", "PPLOGT14", "PIMPOT14"]
DECILES = [f"D{decile}14" for decile in range(1, 10) if decile != 5]  # the fifth is the median
HEADER = ["CODGEO", "LIBGEO", "NBMENFISC14", "NBPERSMENFISC14", "MED14", "PIMP14", "TP6014"]
HEADER += [*BY_AGE, *BY_TENURE, *SHARES, *DECILES, "RD14"]
NOT_COVERED = {"971", "973", "976"}  # in 2014: the mainland, Martinique and La Réunion only
RICH = {"75": 1.28, "92": 1.3, "78": 1.25, "91": 1.1, "74": 1.2, "01": 1.06, "69": 1.05}
POOR = {"93": 0.82, "972": 0.8, "974": 0.7, "62": 0.9, "2B": 0.9, "08": 0.92, "66": 0.9}


@lru_cache
def filosofi_csv() -> bytes:
    """`;`-separated UTF-8, a header and one line for each commune."""
    lines = [HEADER, *(_line(commune) for commune in communes().values())]
    return "".join(";".join(line) + "\n" for line in lines).encode()


def _line(commune: Commune) -> list[str]:
    rng = Random(f"filosofi {commune.code}")
    households = int(commune.population / 2.25)
    name = [commune.code, commune.nom]
    if commune.departement in NOT_COVERED:
        return name + ["nd"] * (len(HEADER) - 2)
    if households < 50:
        return name + ["s"] * (len(HEADER) - 2)
    persons = round(households * rng.uniform(2.1, 2.6) * 2) / 2
    factor = RICH.get(commune.departement, 1) * POOR.get(commune.departement, 1)
    median = round(20_100 * factor * rng.lognormvariate(0, 0.1), 1)
    counted = [*name, *map(_plain, (households, persons, median))]
    if households < 1_000:
        return counted + [""] * (len(HEADER) - len(counted))
    return counted + _details(rng, median)


def _plain(value: float) -> str:
    """795.5 but 796: no decimal where there is none."""
    return str(int(value) if value == int(value) else value)


def _details(rng: Random, median: float) -> list[str]:
    """The columns after the median, for communes large enough to be described."""
    poverty = max(4.0, 14.5 * (20_100 / median) ** 2 + rng.uniform(-2, 2))
    rates = [poverty * rng.uniform(0.5, 1.5) for _ in BY_AGE + BY_TENURE]
    work, pensions = rng.uniform(60, 75), rng.uniform(22, 32)
    shares = [work, work - 6, rng.uniform(2, 7), pensions, rng.uniform(6, 14)]
    shares += [rng.uniform(3, 9), rng.uniform(1, 4), rng.uniform(1, 3), rng.uniform(0.5, 2)]
    shares += [-rng.uniform(14, 22)]
    spread = rng.uniform(0.92, 1.08)
    steps = [0.54, 0.68, 0.79, 0.9, 1.11, 1.24, 1.43, 1.8]
    deciles = [median * (1 + (step - 1) * spread) for step in steps]
    numbers = [rng.uniform(45, 75), poverty, *rates, *shares]
    details = [f"{number:.1f}" for number in numbers] + [
        f"{value:g}" for value in map(int, deciles)
    ]
    details.append(f"{deciles[-1] / deciles[0]:.2f}")
    return ["ns" if rng.random() < 0.01 else cell for cell in details]
