"""What a conversion starts from: the raw files of one partition, on this machine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from diffusion.base.json_files import read_json
from diffusion.config.partitions import Partition, parse_partition
from diffusion.config.parts import Storage
from diffusion.raw.cache import raw_files
from diffusion.storage.connection import storage_connection
from diffusion.storage.store import Store

CACHE = Path(".diffusion/cache")


@dataclass(frozen=True)
class RawInput:
    """The verified raw files of one partition, with the names under which they came."""

    partition: str
    axes: Partition
    names: list[str]
    paths: list[Path]
    sha256: str
    url: str = field(default="")
    records: int | None = None  # as the API gave them
    empty: list[str] = field(default_factory=list)  # objects without a byte, which were left out
    request: Mapping = field(default_factory=dict)  # as its provenance notes it
    database: str = ""  # which kind gave the rows, and what it says of their columns
    columns: Sequence[Mapping[str, str]] = ()
    on_both: int = 0  # records that stand on two pages next to each other
    apart: int = 0  # others that stand on a page further before
    pages: int = 0
    twice: int = 0  # records that one page holds several times
    crs: object = None  # the member `crs` of the pages of GeoJSON

    @classmethod
    def of(
        cls, partition: str, names: list[str], paths: list[Path], sha256: str, facts: Mapping
    ) -> "RawInput":
        """Return the files of a partition with what its provenance says of them."""
        return cls(
            partition=partition,
            axes=parse_partition(partition),
            names=names,
            paths=paths,
            sha256=sha256,
            url=facts["url"],
            records=facts.get("records"),
            empty=facts.get("empty", []),
            request=facts.get("request", {}),
            database=facts.get("database", ""),
            columns=facts.get("columns", ()),
            crs=facts.get("crs"),
            on_both=facts.get("on_both", 0),
            apart=facts.get("apart", 0),
            pages=facts.get("pages", 0),
            twice=facts.get("twice", 0),
        )


def raw_inputs(receipt: Mapping, store: Store, cache: Path) -> list[RawInput]:
    """Return the raw files of a fetch receipt, downloaded where they are not local.

    Raises:
        DiffusionError: a raw copy is missing or damaged.
    """
    inputs = []
    for partition, provenance in receipt["partitions"].items():
        files = provenance["files"]
        digest = files[0]["sha256"] if len(files) == 1 else "+".join(f["sha256"] for f in files)
        paths = raw_files(store, provenance, cache)
        names = [file["name"] for file in files]
        inputs.append(RawInput.of(partition, names, paths, digest, provenance))
    return inputs


def read_receipt(path: Path) -> dict:
    """Return a fetch receipt: source, vintage, and the provenance of each partition."""
    return read_json(path)


def inputs_of(receipts: Iterable[str], storage: Storage) -> list[RawInput]:
    """Return the raw files of fetch receipts, on this machine and verified."""
    store = Store(storage.raw, storage_connection(storage))
    return [
        item for path in receipts for item in raw_inputs(read_receipt(Path(path)), store, CACHE)
    ]
