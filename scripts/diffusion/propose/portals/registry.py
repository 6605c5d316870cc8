"""All portals that are known: each is recognised by the shape of a path, and by its API's answer.

Several have pages at paths of the same shape, on any host: the first whose API knows the dataset.
"""

from collections.abc import Callable

from diffusion.propose.asking import Asking
from diffusion.propose.portals import (
    ckan,
    data_fair,
    features,
    melodi,
    opendatasoft,
    udata,
    zenodo,
)
from diffusion.propose.portals.found import Found

PORTALS: tuple[Callable[[str, Asking], Found | None], ...] = (
    udata.find,
    opendatasoft.find,
    data_fair.find,
    ckan.find,
    zenodo.find,
    melodi.find,
    features.find,
)


def find_dataset(url: str, asking: Asking) -> Found | None:
    """Return what a portal says of the dataset whose page or address this is; None for others."""
    return next((found for find in PORTALS if (found := find(url, asking)) is not None), None)
