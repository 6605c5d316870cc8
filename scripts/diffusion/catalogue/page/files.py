"""The pages, and what Markdown says of the geographic tables: the index last."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from diffusion.catalogue.citation import citation_file, is_our_citation
from diffusion.catalogue.keys import AGENTS, CITATION, README, page_key
from diffusion.catalogue.ours import File, is_our_markdown
from diffusion.catalogue.page.local import Known, kept_in, known_here
from diffusion.catalogue.page.mark import is_our_page
from diffusion.catalogue.page.place import Place
from diffusion.catalogue.page.render import documents, pages
from diffusion.catalogue.page.site import Site
from diffusion.catalogue.page.view import View
from diffusion.catalogue.stac import Picture
from diffusion.catalogue.versions import History
from diffusion.config.model import Config
from diffusion.storage.store import Store


def page_files(
    store: Store,
    manifest: Mapping,
    known: Mapping[str, Known],
    versions: Mapping[str, History],
    pictures: Mapping[str, Picture],
) -> Iterator[File]:
    """Yield README.md and AGENTS.md of what is geographic, CITATION.cff, the pages, and the index.

    Args:
        known: what is shown of tables beside the manifest, by published names.
    """
    site = Site.of(manifest, Place.of(store, manifest))
    views = [
        View(site, name, entry, known.get(name), _of(versions, name), pictures.get(name))
        for name, entry in manifest["tables"].items()
    ]
    for key, data in documents(site, views).items():
        yield File(key, data, is_our_markdown, may_be_theirs=key in (README, AGENTS))
    yield File(CITATION, citation_file(site), is_our_citation, may_be_theirs=True)
    for key, data in pages(site, views).items():
        yield File(key, data, is_our_page)


def _of(versions: Mapping[str, History], name: str) -> list[dict]:
    return versions[name].versions if name in versions else []


def known_tables(
    store: Store, manifest: Mapping, config: Config | None, results: Path
) -> dict[str, Known]:
    """Return what is known of each table as it is published; else what its page keeps of it."""
    here = known_here(config, manifest, results) if config else {}
    found = {}
    for name, entry in manifest["tables"].items():
        of, known = entry.get("table_sha256"), here.get(name)
        if of and (known is None or known.of != of or not known.names):
            page = store.read(page_key(name))
            kept = kept_in(page[0]) if page else None
            known = kept if kept and kept.of == of else known
        if known and known.of == of:
            found[name] = known
    return found
