"""Servers to practise with: stand-ins of the sources, and a real S3 server with a bucket.

    python scripts/practice.py [--port 8700] [--folder .demo/practice]

Prints what to type in another terminal, and serves until Ctrl-C. docs/tutorial.md is written for
them. Records are generated, in the form of the real ones; outlines, codes and names are real. All
is in .demo/practice, and nothing else than this machine is spoken to.
"""

import argparse
import shlex
import signal
import sys
import threading
from pathlib import Path

from demo import give_filosofi
from embedded_s3 import EmbeddedS3
from standins.server import Standins

PLACE = Path(__file__).parents[1] / ".demo" / "practice"
BUCKETS = ["my-bucket", "donnees-insee"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Serve what docs/tutorial.md practises with.")
    parser.add_argument("--port", type=int, default=8700, help="of the sources; 8700 by default")
    parser.add_argument("--folder", type=Path, default=PLACE, help="of the S3 server")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        standins = Standins(port=options.port)
    except OSError as error:
        fix = "end what listens there, or name another one by --port, and write it in place of 8700"
        print(f"practice: port {options.port}: {error.strerror}\n  → {fix}", file=sys.stderr)
        return 1
    with EmbeddedS3(options.folder, BUCKETS) as s3, standins as sources:
        give_filosofi(s3)
        print(f"# the sources answer at {sources.url}; for the S3 server, type elsewhere:")
        for name, value in s3.environment().items():
            print(f"export {name}={shlex.quote(value)}")
        print("# Ctrl-C ends both", flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
