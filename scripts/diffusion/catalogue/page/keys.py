"""Where the pages are in a published prefix."""

INDEX = "index.html"
FOLDER = "page-of"  # no entry is called so: names have no hyphen


def page_key(name: str) -> str:
    """Return the key of an entry's page."""
    return f"{FOLDER}/{name}.html"
