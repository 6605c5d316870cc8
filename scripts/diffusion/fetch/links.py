"""Links in the header of an answer (RFC 8288)."""

import requests


def link_to(response: requests.Response, relation: str) -> str:
    """Return where a link leads, by its relation; empty if there is none.

    Relations are compared without regard to case, and one link may have several.
    """
    header = response.headers.get("Link", "")
    for link in requests.utils.parse_header_links(header) if header else ():
        named = {name.strip().lower(): value for name, value in link.items()}
        if relation in named.get("rel", "").lower().split():
            return named["url"]
    return ""
