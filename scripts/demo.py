"""`make demo`: the worked example, with a real S3 server and stand-ins of the sources, all local.

Everything it makes is in .demo/: the S3 server's data, the results. Run it again: nothing is
done twice. Edit profiles/demo/ and config/examples/chapter/ to change what is run; neither tests/
nor your own config/config.yaml is read.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from embedded_s3 import EmbeddedS3
from standins.filosofi import filosofi_csv
from standins.server import Standins

PROJECT = Path(__file__).parents[1]
NEXT = """
The map:  {folder}/results/figures/carte_dpe.png
The page: make open, or {folder}/s3/demo/diffusion/dpe-filosofi/index.html
A table:  .venv/bin/python -c 'import pandas; print(pandas.read_parquet("{table}"))'
Next:     your own project and data (README.md, "Add your source"):
          source .venv/bin/activate, diffusion new, diffusion source URL, snakemake"""


def main(arguments: list[str]) -> int:
    folder = PROJECT / ".demo"
    folder.mkdir(exist_ok=True)
    port = remembered_port(folder / "port.json")
    with EmbeddedS3(folder / "s3", ["demo", "donnees-insee"]) as s3, Standins(port=port) as sources:
        give_filosofi(s3)
        print(f"S3 server {s3.endpoint}, sources {sources.url}, all in {folder}", file=sys.stderr)
        environment = os.environ | s3.environment() | {"DEMO_SOURCES": sources.url}
        environment["DIFFUSION_AGAIN"] = "make demo"
        command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/demo"]
        code = run([*command, *arguments], environment)
        place = folder.relative_to(PROJECT)
        if code == 0 and not arguments:
            print(
                NEXT.format(folder=place, table=place / "results/tables/dpe.parquet"),
                file=sys.stderr,
            )
        return code


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run Snakemake to its end; Ctrl-C reaches it too, and it needs some time to stop cleanly."""
    process = subprocess.Popen(command, cwd=PROJECT, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def remembered_port(path: Path) -> int:
    """Return the port of the last demo if it is free: a URL that changes would rerun everything."""
    port = json.loads(path.read_text()) if path.exists() else 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path.write_text(json.dumps(port))
    return port


def give_filosofi(s3: EmbeddedS3) -> None:
    """Put the stand-in for INSEE's object where the configuration expects it, once."""
    from diffusion.config.parts import Server
    from diffusion.storage.connection import connection
    from diffusion.storage.store import Store

    store = Store("s3://donnees-insee", connection(Server(), s3.environment()))
    key = "diffusion/FILOSOFI/2014/FILOSOFI_COM.csv"
    if store.head(key) is None:
        store.put(key, filosofi_csv(), "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
