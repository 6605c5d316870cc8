"""Which columns draw a sample of rows: few are alike in them, and those are drawn together."""

from collections.abc import Sequence

import pyarrow as pa

from diffusion.tables.hashes import different, has_hashes, hashes_of, hashes_of_first

LOOKED = 5_000  # first rows, of which it is found
VARIED = 100  # different values there: columns with fewer draw no sample
MOST_ALIKE = 0.01  # of them


def drawing(batch: pa.RecordBatch, names: Sequence[str]) -> list[str]:
    """Return as few of some columns as suffice, that with most different values first.

    All that have hashes, where none suffice; nothing where all have few values.
    """
    begin = batch.slice(0, LOOKED)
    plain = [name for name in names if has_hashes(batch.schema.field(name).type)]
    sizes = {name: len(different(hashes_of(begin[name]))[0]) for name in plain}
    plain.sort(key=lambda name: -sizes[name])
    for count, hashes in enumerate(hashes_of_first(begin, plain), 1):
        if different(hashes)[2].max() <= MOST_ALIKE * begin.num_rows:
            return plain[:count]
    return plain if plain and sizes[plain[0]] >= VARIED else []
