"""The pages, put into the published prefix: the index last, and none stays of what is gone."""

from collections.abc import Callable, Mapping

from diffusion.catalogue.page.keys import INDEX, page_key
from diffusion.catalogue.page.local import Known, kept_in
from diffusion.catalogue.page.place import Place
from diffusion.catalogue.page.render import GENERATOR, rendered
from diffusion.catalogue.page.site import Site
from diffusion.storage.store import Store

Put = Callable[[str, bytes, Callable[[bytes], bool]], bool]


def put_pages(store: Store, manifest: Mapping, here: Mapping[str, Known], put: Put) -> bool:
    """Put the pages of a manifest as far as they changed; say whether any was.

    Args:
        here: what this machine knows of the tables, by published names.
        put: puts bytes under a key unless they are there; is given how a page of ours is known.
    """
    known = _known(store, manifest, here)
    pages = rendered(Site.of(manifest, Place.of(store, manifest)), known)
    changed = [put(key, data, _is_ours) for key, data in pages.items() if key != INDEX]
    changed.append(put(INDEX, pages[INDEX], _is_ours))
    return any(changed)


def _known(store: Store, manifest: Mapping, here: Mapping[str, Known]) -> dict[str, Known]:
    """Return what is known of each table as it is published; else what its page keeps of it."""
    found = {}
    for name, entry in manifest["tables"].items():
        of = entry.get("table_sha256")
        known = here.get(name)
        if of and (known is None or known.of != of or not known.names):
            page = store.read(page_key(name))
            kept = kept_in(page[0]) if page else None
            known = kept if kept and kept.of == of else known
        if known and known.of == of:
            found[name] = known
    return found


def remove_gone(store: Store, manifest: Mapping) -> None:
    """Remove the pages of what was withdrawn or taken down: they show rows of it."""
    down = manifest.get("taken_down", {}).values()
    gone = {*manifest.get("withdrawn", {}), *(stone["as"] for stone in down if "as" in stone)}
    for name in sorted(gone - manifest["tables"].keys()):
        page = store.read(page_key(name))
        if page and _is_ours(page[0]):
            store.delete([page_key(name)])


def _is_ours(page: bytes) -> bool:
    return GENERATOR in page
