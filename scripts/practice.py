"""Servers to practise with: stand-ins of the sources, and a real S3 server with a bucket.

    python scripts/practice.py [--port 8700]

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
    options = parser.parse_args(arguments)
    PLACE.mkdir(parents=True, exist_ok=True)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with EmbeddedS3(PLACE, BUCKETS) as s3, Standins(port=options.port) as sources:
        give_filosofi(s3)
        print(f"# the sources answer at {sources.url}; for the S3 server, type elsewhere:")
        for name, value in s3.environment().items():
            print(f"export {name}={shlex.quote(value)}")
        print("# Ctrl-C ends both", flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
