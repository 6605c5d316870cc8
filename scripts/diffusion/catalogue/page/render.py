"""The pages as HTML and Markdown: templates, which escape every value.

A page has one style and one script inline.

The policy in each page allows this script alone, by its hash: nothing that a value might smuggle
in would run, and nothing is asked from anywhere else.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from diffusion.catalogue.keys import AGENTS, INDEX, README, is_geographic, key_of
from diffusion.catalogue.ours import MARKUP
from diffusion.catalogue.page.local import Known
from diffusion.catalogue.page.mark import GENERATOR
from diffusion.catalogue.page.site import Site
from diffusion.catalogue.page.view import View

TEMPLATES = Path(__file__).parent / "templates"


def pages(site: Site, views: Sequence[View]) -> dict[str, bytes]:
    """Return the pages by their keys, the index last."""
    found = {view.page: rendered("entry.html", site, root="../", view=view) for view in views}
    return found | {INDEX: rendered("index.html", site, root="", views=views)}


def documents(site: Site, views: Sequence[View]) -> dict[str, bytes]:
    """Return README.md and AGENTS.md of the geographic tables, and of all of them, by their keys.

    None where there is no such table.
    """
    shown = [view for view in views if is_geographic(view.entry)]
    found = {
        key_of(view.name, file): rendered(f"table-{file}", site, view=view)
        for view in shown
        for file in (README, AGENTS)
    }
    top = {file: rendered(f"all-{file}", site, views=views) for file in (README, AGENTS)}
    return found | (top if shown else {})


def rendered(template: str, site: Site, **more: object) -> bytes:
    """Return a template filled in.

    Args:
        more: ``root``, the way from a page to the top of the prefix, among others.
    """
    found = _environment().get_template(template)
    return found.render(site=site, words=site.words, **more).encode()


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        keep_trailing_newline=True,
        autoescape=select_autoescape(["html"]),  # Markdown has signs of its own, see `plain`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for kind, name in (("style", "style.css"), ("script", "script.js")):
        text = (TEMPLATES / name).read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        found.globals[kind] = Markup(text)  # noqa: S704  # nosec B704 - a file of this project
        found.globals[f"{kind}_hash"] = f"sha256-{digest}"
    found.globals["generator"] = Markup(GENERATOR)  # noqa: S704  # nosec B704 - our own words
    found.globals["markup"] = MARKUP
    found.filters |= {"kept": _kept, "plain": plain, "broken": _broken}
    return found


def _kept(known: Known) -> Markup:
    """Return as JSON, which no text in it can end, what a later run may have to know again."""
    text = msgspec.json.encode(msgspec.structs.replace(known, outlines=[])).decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    # what HTML gives a meaning to is escaped as JSON has it
    return Markup(text)  # noqa: S704  # nosec B704


def _broken(name: str) -> Markup:
    """Return a name that may go on in another line behind each `_`: tables fit their page."""
    return Markup("_<wbr>").join(name.split("_"))


def plain(value: object) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    text = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", text)
