"""Where the files of the catalogue are in a published prefix."""

from collections.abc import Iterator, Mapping

DATAPACKAGE, DCAT, CROISSANT = "datapackage.json", "catalog.jsonld", "croissant.json"
STAC, README, AGENTS = "catalog.json", "README.md", "AGENTS.md"
INDEX, CITATION = "index.html", "CITATION.cff"
TOP = (DATAPACKAGE, DCAT, CROISSANT, STAC, README, AGENTS, INDEX, CITATION)
FILES_EACH = 50  # files of a folder that are listed; more are one
# of an entry; no entry is called as these folders are: names have no hyphen
PAGES, FOLDER = "page-of", "catalog-of"
VERSIONS, COLLECTION, THUMBNAIL = "versions.json", "collection.json", "thumbnail.png"


def page_key(name: str) -> str:
    """Return the key of an entry's page."""
    return f"{PAGES}/{name}.html"


def key_of(name: str, file: str) -> str:
    """Return the key of a file that describes a table."""
    return f"{FOLDER}/{name}/{file}"


def is_table(entry: Mapping) -> bool:
    """Say whether an entry of the manifest is a table: figures have no versions."""
    return entry.get("kind") != "figure"


def is_geographic(entry: Mapping) -> bool:
    """Say whether it is known where on earth the geometries of a table are."""
    return bool(entry.get("geo", {}).get("bbox_wgs84"))


def is_of_catalogue(key: str) -> bool:
    """Say whether a file is where the catalogue has its own: no table or figure is put there."""
    folder, _, file = key.partition("/")
    return folder in (PAGES, FOLDER) if file else key in TOP


def expected(manifest: Mapping) -> Iterator[str]:
    """Yield the files that are there wherever there is a catalogue of what a manifest lists."""
    yield from (DATAPACKAGE, DCAT, CROISSANT, CITATION, INDEX)
    tables = manifest["tables"].items()
    yield from (key_of(name, VERSIONS) for name, entry in tables if is_table(entry))
    geographic = [name for name, entry in tables if is_geographic(entry)]
    for name in geographic:
        yield from (key_of(name, file) for file in (COLLECTION, README, AGENTS))
    yield from (STAC, README, AGENTS) if geographic else ()
