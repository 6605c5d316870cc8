"""What a broken-off job needs to go on, and no file of the project may hold.

A server may put a token or a signature into the address that it gives for the next page, or for a
file that it makes. It is kept in the cache of the user, who alone can read it there, and not in the
project's folder, which may be shared, copied or archived. Where it is gone, the job begins anew.
"""

import hashlib
import json
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from diffusion.base.json_files import write_whole
from diffusion.base.private import user_folder
from diffusion.config.fetching import HttpFetch
from diffusion.config.secrets import hide, is_random, secret_problems
from diffusion.fetch.secret import without_secret_of

logger = logging.getLogger(__name__)
HELD = "held"  # in the project's folder, in place of what is kept here
FORGOTTEN = 30 * 86400  # seconds after which nobody goes on


def betrays(fetch: HttpFetch, url: str, given: object = None) -> bool:
    """Say whether an address that a server gave holds a secret, or what may be one.

    Args:
        url: variables as they are written.
        given: what is sent with it: ``params``, ``body``, ``form``.
    """
    text = json.dumps([url, given])
    if hide(url) != url or without_secret_of(fetch, text) != text:
        return True
    parts = urlsplit(url)
    values = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    return any(map(is_random, values)) or any(secret_problems(given, "sources.x"))


class Held:
    """The place of one such note."""

    def __init__(self, note: Path):
        """Args: note: the file of the project that it belongs to."""
        name = hashlib.sha256(str(note.absolute()).encode()).hexdigest()[:32]
        self._path = user_folder("held") / name

    def put(self, value: object) -> None:
        """Keep a value of JSON's kinds; drop what nobody asked for in a month."""
        try:
            for path in self._path.parent.iterdir():
                if path.stat().st_mtime < time.time() - FORGOTTEN:
                    path.unlink(missing_ok=True)
            write_whole(self._path, json.dumps(value).encode())  # its folder is the user's alone
        except OSError as error:
            logger.warning("%s: what is broken off begins anew", error)

    def get(self) -> Any:
        """Return what `put` was given; None if it is not there, or cut off."""
        with suppress(OSError, ValueError):
            return json.loads(self._path.read_bytes())
        return None

    def drop(self) -> None:
        """Remove it."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
