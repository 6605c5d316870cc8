"""`make open`: the page of what is published in a folder, in a browser; the demo's by default.

    python scripts/open_page.py [FOLDER]

The page works from `file:` as well. Served, it can be looked at from another machine (a notebook,
a terminal in the cloud) through whatever forwards a port; only this machine is listened to.
"""

import sys
import webbrowser
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PROJECT = Path(__file__).parents[1]
DEMO = PROJECT / ".demo" / "s3" / "demo" / "diffusion" / "dpe-filosofi"
INDEX = "index.html"
TYPES = {
    ".jsonld": "application/ld+json",
    ".cff": "text/yaml",
    ".parquet": "application/octet-stream",
}


class Pages(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def log_message(self, *args: object) -> None:
        """Silent: who looks at a page asks for it."""


def serving(folder: Path) -> ThreadingHTTPServer:
    """Return a server of a folder, at a free port of this machine."""
    return ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(folder)))


def main(arguments: Sequence[str]) -> int:
    folder = Path(arguments[0]) if arguments else DEMO
    if not (folder / INDEX).is_file():
        fix = "name the folder of what was published" if arguments else "`make demo` makes it"
        print(f"There is no {INDEX} in {folder}: {fix}.", file=sys.stderr)
        return 1
    with serving(folder) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}/{INDEX}"
        print(f"{url} (Ctrl-C ends it)", file=sys.stderr, flush=True)
        webbrowser.open(url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
