"""All portals that are known: each is recognised by the shape of a path, and by its API's answer.

Several have pages at paths of the same shape, on any host: the first whose API knows the dataset.
"""

from collections.abc import Callable
from contextlib import suppress

from diffusion.propose.asking import Asking
from diffusion.propose.portals.ckan import find as ckan
from diffusion.propose.portals.data_fair import find as data_fair
from diffusion.propose.portals.features import find as features
from diffusion.propose.portals.found import Found
from diffusion.propose.portals.melodi import find as melodi
from diffusion.propose.portals.opendatasoft import find as opendatasoft
from diffusion.propose.portals.udata import find as udata
from diffusion.propose.portals.zenodo import find as zenodo

PORTALS: tuple[Callable[[str, Asking], Found | None], ...] = (
    udata,
    opendatasoft,
    data_fair,
    ckan,
    zenodo,
    melodi,
    features,
)


def find_dataset(url: str, asking: Asking) -> Found | None:
    """Return what a portal says of the dataset whose page or address this is; None for others."""
    for find in PORTALS:
        # an answer that is not as the portal's API describes it is none of that portal
        with suppress(LookupError, TypeError, AttributeError, ValueError):
            if (found := find(url, asking)) is not None:
                return found
    return None
