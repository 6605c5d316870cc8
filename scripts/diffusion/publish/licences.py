"""The licences under which the sources came of which a table is made, however far."""

from collections.abc import Mapping

LICENCES = "licences"  # of an entry of the manifest, and of a receipt: by the sources' names


def licences_in(facts: Mapping) -> dict[str, str]:
    """Return the sources of which a table is, or is made, with their licences as they are stated.

    Args:
        facts: see ``facts_of``; of a derived table, with ``licences``.
    """
    noted = facts.get("noted", {})
    own = {noted["source"]: noted.get("licence") or ""} if noted.get("source") else {}
    return dict(facts.get(LICENCES) or own)


def licences_of_inputs(receipts: Mapping[str, Mapping]) -> dict[str, str]:
    """Return the sources, with their licences, of which a derived entry is made.

    Args:
        receipts: of what it reads; those of an older version of Diffusion have their own only.
    """
    return {
        source: licence
        for name, receipt in receipts.items()
        for source, licence in receipt.get(LICENCES, {name: receipt.get("licence", "")}).items()
    }
