"""What is stated of one file among many, by its name or by that of its partition."""

from dataclasses import replace

import msgspec

from diffusion.config.model import Conversion
from diffusion.config.reading import FileRead
from diffusion.convert.relation import RawTable
from diffusion.raw.inputs import RawInput


def called(name: str, members: int, item: RawInput) -> str:
    """Return by what name keys such as ``footer`` state something of one file alone.

    Files of several partitions are often called alike, as `2020/data.csv` and `2021/data.csv`.

    Args:
        name: of the file.
        members: how many its archive has that are read; 1 if it is none.
    """
    is_alone = members == 1 and len(item.paths) == 1
    return item.partition if item.axes and is_alone else name


def with_name(raw: RawTable, name: str) -> RawTable:
    """Return a file that knows by what name its header is stated of it alone."""
    if raw.named.stated is None:
        return raw
    return replace(raw, named=replace(raw.named, stated=replace(raw.named.stated, called=name)))


def for_partition(source: Conversion, partition: str) -> Conversion:
    """Return a source with what is stated of this partition in place of what is of files."""
    read = source.read
    if not isinstance(read, FileRead):
        return source
    change = msgspec.structs.replace
    for section in ("csv", "xlsx"):
        rows = getattr(read, section)
        for key in ("header", "footer"):
            stated = getattr(rows, key)
            if isinstance(stated, dict) and partition in stated:
                rows = change(rows, **{key: stated[partition]})
        read = change(read, **{section: rows})
    if isinstance(read.encoding, dict) and partition in read.encoding:
        read = change(read, encoding=read.encoding[partition])
    return change(source, read=read)
