"""What every row is given: sizes, folders, servers, and the Pythons of both environments.

The modules of the rows are also what the contenders' processes import: heavy imports stand in
functions, or each contender would pay for them.
"""

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import Contender, Failed, Runs, alternate, function

if TYPE_CHECKING:
    from diffusion.config.model import Source
    from diffusion.storage.connection import Connection
    from diffusion.storage.store import Store
    from embedded_s3 import EmbeddedS3
    from minio_server import Minio

PEERS = Path(__file__).parents[2] / ".venv" / "peers" / "bin"
BUCKET = "lake"
OURS = "Diffusion"


@dataclass
class Bench:
    """One run of the benchmarks.

    ``complete``: with every other tool, and a failure where one is missing; without it, with
    those of the project's own environment (the small version that the tests run).
    """

    folder: Path
    scale: float = 1.0
    rounds: int = 3
    complete: bool = True
    server: "Minio | EmbeddedS3 | None" = None
    stack: ExitStack = field(default_factory=ExitStack)

    def place(self, name: str) -> Path:
        """Return a folder of the row's own."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def size(self, full: int, least: int = 1) -> int:
        """Return a size at this scale."""
        return max(least, int(full * self.scale))

    def ours(self, name: str, called: str, *arguments: object, **rest: object) -> Contender:
        """Return a contender that runs in this project's environment."""
        return function(name, sys.executable, called, *arguments, **rest)

    def peer(self, name: str, called: str, *arguments: object, **rest: object) -> Contender | None:
        """Return a contender that runs in the environment of the other tools."""
        if self.complete and not (PEERS / "python").exists():
            raise Failed(f"{name}: there is no {PEERS}; type `make bench`")
        return (
            function(name, str(PEERS / "python"), called, *arguments, **rest)
            if (self.complete)
            else None
        )

    def tool(self, program: str) -> str | None:
        """Return the path of a program that ``make bench`` builds."""
        from minio_server import find

        if self.complete and not find(program):
            raise Failed(f"there is no `{program}`; type `make bench`")
        return find(program) if self.complete else None

    def alternate(
        self, contenders: list[Contender | None], name: str, rounds: int | None = None
    ) -> dict[str, Runs]:
        """Run the contenders that are there, in alternation."""
        there = [contender for contender in contenders if contender]
        return alternate(there, rounds or self.rounds, self.place(name))

    def s3(self) -> "Minio | EmbeddedS3":
        """Return the S3 server, started once: MinIO; in the small version whatever is there."""
        from embedded_s3 import EmbeddedS3
        from minio_server import Minio, find

        if self.server is None:
            server = Minio if self.complete or find("minio") else EmbeddedS3
            buckets = [BUCKET, "donnees-insee"]
            self.server = self.stack.enter_context(server(self.folder / "s3", buckets))
        return self.server

    def s3_environment(self) -> Mapping[str, str]:
        """Return the AWS_* variables that any client reads."""
        return self.s3().environment() | {"AWS_DEFAULT_REGION": "us-east-1"}

    def store(self, prefix: str = "") -> "Store":
        """Return what is below a prefix of the bucket."""
        from diffusion.storage.store import Store

        link = connection_to(self.s3_environment())
        return Store(f"s3://{BUCKET}/{prefix}".rstrip("/"), link)

    def empty(self, prefix: str) -> None:
        """Remove every object below a prefix of the bucket."""
        store = self.store()
        store.delete([key for key, _ in store.list(prefix)])

    def publish(self, prefix: str, table: Path) -> dict:
        """Publish one table below a prefix; return its receipt."""
        from diffusion.config.parts import Project
        from diffusion.publish.before import Entry, Upload
        from diffusion.publish.objects import publish
        from diffusion.publish.ownership import Target

        facts = {"columns": [], "credits": []}
        uploads, locks = [Upload(table.name, table)], self.place("locks")
        project = Project(name="bench")
        entries = [Entry(table.stem, uploads, facts)]
        return publish(Target(self.store(prefix), project), entries, locks)[table.stem]


def connection_to(environment: Mapping[str, str] = os.environ) -> "Connection":
    """Return the S3 server that the environment names; nothing is imported for other tools."""
    from diffusion.config.parts import Server
    from diffusion.storage.connection import connection

    return connection(Server(), environment)


@contextmanager
def started(folder: Path, **settings: object) -> Iterator[Bench]:
    """Give a bench; its servers end with it."""
    with ExitStack() as stack:
        yield Bench(folder, stack=stack, **settings)


def resolved(**keys: object) -> "Source":
    """Return a source as the configuration gives it, every default filled."""
    from diffusion.config.resolve import resolve_config

    source = {"vintage": "2026-01-01", **keys}
    project = {"name": "bench", "licence": "Licence Ouverte 2.0"}
    return resolve_config({"project": project, "sources": {"dpe": source}}).sources["dpe"]


def convert(source: "Source", path: str, target: str, memory_mb: int = 2000) -> Path:
    """Do what the job convert_table does, with two threads; return the table."""
    gc.disable()  # as it does while it imports, see ``diffusion.base.joblog``
    from diffusion.convert.stages import convert_table
    from diffusion.raw.inputs import RawInput
    from diffusion.tables.limits import Limits

    gc.freeze()
    gc.enable()
    file, table = Path(path), Path(target)
    inputs = [RawInput("all", {}, [file.name], [file], "0" * 64, path)]
    convert_table("dpe", source, inputs, table, Limits(memory_mb, 2, table.parent / "scratch"))
    return table
