"""The pages as HTML: templates, which escape every value, with one style and one script inline.

The policy in each page allows this script alone, by its hash: nothing that a value might smuggle
in would run, and nothing is asked from anywhere else.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from diffusion.catalogue.page.keys import INDEX
from diffusion.catalogue.page.local import Known
from diffusion.catalogue.page.site import Site
from diffusion.catalogue.page.view import View

TEMPLATES = Path(__file__).parent / "templates"
GENERATOR = b'<meta name="generator" content="Diffusion">'  # by which a page is known to be ours


def rendered(site: Site, known: Mapping[str, Known]) -> dict[str, bytes]:
    """Return the pages by their keys, the index last.

    Args:
        known: what is shown of tables beside the manifest, by published names.
    """
    tables = site.manifest["tables"]
    views = [View(site, name, entry, known.get(name)) for name, entry in tables.items()]
    pages = {view.page: _page("entry.html", site, "../", view=view) for view in views}
    return pages | {INDEX: _page("index.html", site, "", views=views)}


def _page(template: str, site: Site, root: str, **more: object) -> bytes:
    """Args: root: the way from the page to the top of the prefix."""
    shared = {"site": site, "words": site.words, "root": root}
    return _environment().get_template(template).render(**shared, **more).encode()


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for kind, name in (("style", "style.css"), ("script", "script.js")):
        text = (TEMPLATES / name).read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        found.globals[kind] = Markup(text)  # noqa: S704  # nosec B704 - a file of this project
        found.globals[f"{kind}_hash"] = f"sha256-{digest}"
    found.globals["generator"] = Markup(GENERATOR.decode())  # noqa: S704  # nosec B704 - our own words
    found.filters["kept"] = _kept
    return found


def _kept(known: Known) -> Markup:
    """Return as JSON, which no text in it can end, what a later run may have to know again."""
    text = msgspec.json.encode(known).decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    # what HTML gives a meaning to is escaped as JSON has it
    return Markup(text)  # noqa: S704  # nosec B704
