"""What the catalogue has of tables that are published no more goes with them."""

from collections.abc import Callable, Iterator, Mapping

from diffusion.catalogue.keys import (
    AGENTS,
    COLLECTION,
    README,
    THUMBNAIL,
    VERSIONS,
    key_of,
    page_key,
)
from diffusion.catalogue.ours import is_our_json, is_our_markdown
from diffusion.catalogue.page.mark import is_our_page
from diffusion.catalogue.thumbnail import is_our_picture
from diffusion.storage.side_by_side import side_by_side
from diffusion.storage.store import Store


def remove_gone(store: Store, manifest: Mapping) -> None:
    """Remove what shows anything of what was withdrawn or taken down: rows, shapes, columns.

    The versions of what was withdrawn stay: they have no values, and are carried on if it is
    published again.
    """
    tables, stones = manifest["tables"], manifest.get("taken_down", {}).values()
    down = {stone["as"] for stone in stones if "as" in stone} - tables.keys()
    files = list(_shown(sorted(down | (manifest.get("withdrawn", {}).keys() - tables.keys()))))
    files += [(key_of(name, VERSIONS), is_our_json) for name in sorted(down)]
    there = side_by_side(store.read, [key for key, _ in files], lambda _: 0)
    ours = [key for (key, is_ours), found in zip(files, there, strict=True) if _is(found, is_ours)]
    store.delete(ours)


def _shown(names: list[str]) -> Iterator[tuple[str, Callable[[bytes], bool]]]:
    for name in names:
        yield page_key(name), is_our_page
        yield key_of(name, COLLECTION), is_our_json
        yield key_of(name, THUMBNAIL), is_our_picture
        yield from ((key_of(name, file), is_our_markdown) for file in (README, AGENTS))


def _is(found: tuple[bytes, str | None] | None, is_ours: Callable[[bytes], bool]) -> bool:
    return found is not None and is_ours(found[0])
