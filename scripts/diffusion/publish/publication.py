"""How a table is published, as its job is told."""

import msgspec

from diffusion.config.parts import Credit, PublishSource, Section, Write
from diffusion.config.reading import ArchiveRead


class Publication(Section, kw_only=True):
    """All that decides what is published of a table, beside its bytes.

    Attributes:
        members: how an archive's members are read, where they are published too.
        shrink: largest share of rows that a new version may lose.
        unique: columns whose values name a row, by which versions are compared.
        address: where its source is asked, as the configuration has it; empty for a file here.
        partitions: how many its source has, or the one with the most of those it is derived from.
        checks: what the results of its checks depend on (``checks_spec``).
        code: hash of the code that makes, checks and publishes the table.
        spec: hash of all that decides what is published of it, and where.
    """

    publish: PublishSource
    write: Write = Write()
    credit: Credit = Credit()
    members: ArchiveRead | None = None
    shrink: float = 0.5
    unique: list[str] = msgspec.field(default_factory=list)
    address: str = ""
    partitions: int = 1
    checks: str
    code: str
    spec: str
