"""What a page says of all pages: flags, the number of pages, and totals."""

import re
from contextlib import suppress

from diffusion.config.fetching import Pages
from diffusion.errors import PagesError
from diffusion.fetch.pages import Page

GROUPED = re.compile(r"\d{1,3}([\s,’'\u202f\u00a0]\d{3})+")  # a total as people write it
NO = ("", "false", "no", "n", "0", "none", "null")
FLAGS = {"true": True, "false": False}  # as XML has them


def flag(page: Page, path: str) -> bool | None:
    """Return what the flag at a path says; None without a path. What is not there is false."""
    if not path:
        return None
    found = page.body.value(path)
    return found.lower() not in NO if isinstance(found, str) else bool(found)


def last_of(page: Page, pages: Pages) -> int | bool | None:
    """Return the number of pages, or the flag that this is the last one; None where neither is."""
    found = page.body.value(pages.last)
    if isinstance(found, str) and found.lower() in FLAGS:
        return FLAGS[found.lower()]
    return found if isinstance(found, bool) else number(page, pages.last, "last")


def number(page: Page, path: str, key: str) -> int | None:
    """Return the whole number at a path; None without a path, or where there is nothing.

    Raises:
        DiffusionError: something else stands there.
    """
    found = page.body.value(path)
    if found is None:
        return None
    if isinstance(found, str | int | float) and not isinstance(found, bool):
        with suppress(ValueError, OverflowError):
            if isinstance(found, str) and GROUPED.fullmatch(found):
                return int(re.sub(r"\D", "", found))
            return int(found)
    fix = f"correct pages.{key}"
    if key == "total" and re.search(r"\d", str(found)):
        fix += ", or leave it out if that is only a bound or an estimate"
    raise PagesError(page.where, f"`{path}` is not a number: {found}"[:300], fix)
