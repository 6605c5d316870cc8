"""The datasets in a raw file: of an archive its members, each without a compression of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diffusion.config.partitions import fill
from diffusion.config.reading import AnyRead, FileRead
from diffusion.errors import DiffusionError
from diffusion.files.sniff import COMPRESSED, CONTAINERS, sniff
from diffusion.raw.inputs import RawInput


def datasets(
    path: Path, name: str, read: AnyRead, item: RawInput, place: Path
) -> list[tuple[str, Path]]:
    """Return (name, main file) of each dataset in a raw file; archives open in ``place``."""
    if not isinstance(read, FileRead):
        return [(item.partition, path)]
    limits = read.limits
    kind = sniff(path)
    if kind not in (*CONTAINERS, *COMPRESSED):
        return [(name, path)]
    from diffusion.files.archive import decompress, is_archive  # and its codecs
    from diffusion.files.opened import open_datasets

    if not is_archive(path):
        return [(name, decompress(path, place, limits))]
    pattern = fill(read.member, item.axes)
    found = []
    opened = open_datasets(path, pattern, read.takes_many, limits, place, item.url)
    for number, dataset in enumerate(opened):
        file = dataset.main
        with _in_member(dataset.name):
            if file.is_file() and sniff(file) in COMPRESSED and not is_archive(file):
                file = decompress(file, place / f"{number}.member", limits)
        found.append((dataset.name, file))
    return found


@contextmanager
def _in_member(name: str) -> Iterator[None]:
    """Have errors about a compressed member name it, and not its copy."""
    try:
        yield
    except DiffusionError as error:
        raise error.restated(name) from error
