"""What a source's portal stated of it: taken over where the configuration says nothing."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from diffusion.catalogue.licences import is_stated
from diffusion.config.model import Config

TAKEN = ("title", "frequency")  # words of a catalogue; the licence comes with the entry


def taken_over(entry: Mapping) -> dict[str, str]:
    """Return the words of a catalogue that a portal gives for an entry."""
    stated = entry.get("stated", {})
    return {key: stated[key] for key in TAKEN if stated.get(key)}


def host_of(stated: Mapping) -> str:
    """Return by what name a portal is told."""
    return urlsplit(stated.get("portal", "")).hostname or stated.get("portal", "")


def portal_notes(config: Config, receipts: Mapping[str, Mapping]) -> Iterator[str]:
    """Yield for the end of a run what readers of the configuration would not expect.

    Args:
        receipts: of all that is published, by the names of the configuration.
    """
    for name, source in config.sources.items():
        stated = receipts.get(name, {}).get("stated", {})
        if name not in receipts or not (source.fetch.portal or stated):
            continue
        if not stated:
            yield (
                f"· {name}: its portal is asked with the next vintage: these raw copies were "
                "frozen without what it states"
            )
        elif failed := stated.get("failed"):
            yield f"! {name}: its portal states nothing: {failed}; see `portal` in config/README.md"
        elif not source.credit.licence and is_stated(stated.get("licence", "")):
            yield f"· {name}: published under the licence that {host_of(stated)} states: " + (
                f"{stated['licence']}; `licence:` declares another"
            )
