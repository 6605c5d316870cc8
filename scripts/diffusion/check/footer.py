"""What the footer of a Parquet file tells of its columns before any of them is read."""

import pyarrow.parquet as pq

from diffusion.tables.ranges import plain_leaves

FEW = 10  # rows, at least, for each byte of a column's dictionaries


class Footer:
    """The footer of one file.

    Attributes:
        rows: number of rows.
        metadata: the file's key-value metadata.
        names: of the columns.
    """

    def __init__(self, file: pq.ParquetFile):
        self._file, self._schema = file.metadata, file.schema_arrow
        self.rows = self._file.num_rows
        self.metadata: dict[bytes, bytes] = self._file.metadata or {}
        self.names: list[str] = self._schema.names

    def is_full(self, name: str) -> bool:
        """Whether a column has no missing value in any row group, as its statistics say.

        What they do not say of all row groups, or of lists and structs, is not known.
        """
        known = [chunk.statistics for chunk in self._chunks(name)]
        counts = [each.null_count if each and each.has_null_count else None for each in known]
        return bool(counts) and all(count == 0 for count in counts)

    def repeats(self, name: str) -> bool:
        """Whether the values of a column come again and again: its dictionaries are small."""
        chunks = self._chunks(name)
        if not chunks or not all(chunk.has_dictionary_page for chunk in chunks):
            return False
        sizes = (chunk.data_page_offset - chunk.dictionary_page_offset for chunk in chunks)
        return FEW * sum(sizes) <= self.rows

    def _chunks(self, name: str) -> list[pq.ColumnChunkMetaData]:
        """Return what is told of a column in each row group; nothing of lists and structs."""
        place = plain_leaves(self._schema).get(name)
        if place is None:
            return []
        groups = map(self._file.row_group, range(self._file.num_row_groups))
        return [group.column(place) for group in groups]
