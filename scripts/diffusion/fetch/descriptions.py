"""What portals write of a data set, each in its own JSON, in the same words for all of them.

Known are data-fair, Opendatasoft (Explore 2.1), udata (data.gouv.fr) and CKAN: a run that asks
``portal`` of a source reads them, and so does ``diffusion source``.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DAY = re.compile(r"\d{4}-\d\d-\d\d")
# how often there are new data, by this project's words: how portals and DCAT write it
_WRITTEN = {
    "continuous": "continuous continual cont update_cont hourly temps_reel",
    "daily": "daily quotidienne quotidien",
    "weekly": "weekly hebdomadaire",
    "monthly": "monthly mensuelle mensuel",
    "quarterly": "quarterly trimestrielle trimestriel",
    "semiannual": "semiannual annual_2 semestrielle semestriel",
    "annual": "annual annuelle annuel yearly",
    "biennial": "biennial biennale",
    "irregular": "irregular irreg irrégulière asneeded",
    "never": "never jamais notplanned punctual ponctuelle",
}
FREQUENCIES = {word: name for name, words in _WRITTEN.items() for word in words.split()}


@dataclass(frozen=True)
class Description:
    """What is stated of a data set; empty where nothing is.

    Attributes:
        licences: ways in which its one licence is written, the most telling first.
        frequency: by this project's words.
        modified: the day of the last change of its data.
    """

    title: str = ""
    publisher: str = ""
    licences: tuple[str, ...] = ()
    frequency: str = ""
    modified: str = ""


def described(answer: object) -> Description | None:
    """Return what a portal's answer says; None if it is of none of the known portals."""
    if not isinstance(answer, Mapping):
        return None
    readers = (opendatasoft, ckan, udata, data_fair)
    return next((found for read in readers if (found := read(answer))), None)


def opendatasoft(answer: Mapping[str, Any]) -> Description | None:
    """Read ``/catalog/datasets/<id>``."""
    metas = answer.get("metas")
    if not isinstance(metas, Mapping) or not isinstance(metas.get("default"), Mapping):
        return None
    default, dcat = metas["default"], metas.get("dcat")
    often = dcat.get("accrualperiodicity") if isinstance(dcat, Mapping) else ""
    return Description(
        title=_named(default.get("title")),
        publisher=_named(default.get("publisher")),
        licences=_several(default.get("license"), default.get("license_url")),
        frequency=_first_frequency(default.get("update_frequency"), often),
        modified=_first_day(default.get("modified"), default.get("data_processed")),
    )


def ckan(answer: Mapping[str, Any]) -> Description | None:
    """Read ``package_show``."""
    found = answer.get("result")
    if not isinstance(found, Mapping) or not found.keys() & {"license_id", "license_title"}:
        return None
    listed = found.get("extras")
    pairs = [pair for pair in (listed or []) if isinstance(pair, Mapping)]
    extras = {str(pair.get("key")): pair.get("value") for pair in pairs}
    return Description(
        title=_named(found.get("title")),
        publisher=_named(found.get("organization")) or _named(found.get("author")),
        licences=_several(found.get("license_title"), found.get("license_id")),
        frequency=_first_frequency(extras.get("frequency"), found.get("frequency")),
        modified=_first_day(found.get("metadata_modified")),
    )


def udata(answer: Mapping[str, Any]) -> Description | None:
    """Read ``/api/1/datasets/<slug>/``; its licence is an identifier."""
    if not answer.keys() >= {"organization", "license", "resources"}:
        return None
    owner = answer.get("owner")
    names = (owner.get("first_name"), owner.get("last_name")) if isinstance(owner, Mapping) else ()
    return Description(
        title=_named(answer.get("title")),
        publisher=_named(answer["organization"]) or " ".join(filter(None, map(text_of, names))),
        licences=_several(answer["license"]),
        frequency=_first_frequency(answer.get("frequency")),
        modified=_first_day(answer.get("last_update"), answer.get("last_modified")),
    )


def data_fair(answer: Mapping[str, Any]) -> Description | None:
    """Read ``/datasets/<slug>``."""
    if "schema" not in answer or not answer.keys() & {"license", "dataUpdatedAt", "finalizedAt"}:
        return None
    moments = (answer.get(key) for key in ("dataUpdatedAt", "finalizedAt", "updatedAt"))
    return Description(
        title=_named(answer.get("title")),
        publisher=_named(answer.get("creator")) or _named(answer.get("owner")),
        licences=_several(answer.get("license")),
        frequency=_first_frequency(answer.get("frequency")),
        modified=_first_day(*moments),
    )


def text_of(value: object) -> str:
    """Return a text on one line; of texts in several languages the French one, else the first."""
    if isinstance(value, Mapping):
        value = value.get("fr") or value.get("en") or next(iter(value.values()), "")
    if isinstance(value, list):
        pairs = (item for item in value if isinstance(item, Mapping))
        return text_of({item.get("lang"): item.get("content") for item in pairs})
    return " ".join(value.split()) if isinstance(value, str) else ""


def day_of(moment: object) -> str:
    """Return the day of a moment, as ISO 8601 or in seconds since 1970 writes it."""
    if isinstance(moment, str) and (found := DAY.match(moment)):
        return found[0]
    if isinstance(moment, int | float) and not isinstance(moment, bool) and moment > 0:
        return datetime.datetime.fromtimestamp(moment, datetime.UTC).date().isoformat()
    return ""


def frequency_of(text: str) -> str:
    """Return how often there are new data, of a word or the address of one; empty if not known."""
    return FREQUENCIES.get(text.lower().rpartition("/")[2], "")


def _named(value: object) -> str:
    """Return a value as a line of text: of an object its title, or its name."""
    if isinstance(value, Mapping):
        named = (value.get(key) for key in ("title", "name", "href", "slug"))
        value = next((text for text in named if text), "")
    return text_of(value)


def _several(*values: object) -> tuple[str, ...]:
    return tuple(text for value in values if (text := _named(value)))


def _first_frequency(*values: object) -> str:
    return next((found for value in values if (found := frequency_of(text_of(value)))), "")


def _first_day(*moments: object) -> str:
    return next((day for moment in moments if (day := day_of(moment))), "")
