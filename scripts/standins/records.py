"""The 250 communes of the example pages and files."""

from functools import lru_cache

from standins.places import communes, departements

COUNT = 250
ALWAYS = ("2A004", "2B033", "69123", "75056", "97105")


@lru_cache
def records() -> list[dict]:
    """Records of code, nom, departement and population: all departments, in order of codes."""
    everything = list(communes())
    chosen = {*ALWAYS, *(place.prefecture for place in departements().values()), everything[0]}
    others = [code for code in everything if code not in chosen]
    missing = COUNT - len(chosen)
    chosen |= set(others[:: len(others) // missing][:missing])
    return [communes()[code]._asdict() for code in sorted(chosen)]
