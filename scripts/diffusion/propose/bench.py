"""A table of a sample, made by the code of a run, as often as something is proposed of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from diffusion.convert.stages import convert_table
from diffusion.fetch.sample import Sample
from diffusion.propose.draft import Draft
from diffusion.tables.facts import facts_of
from diffusion.tables.limits import Limits


@dataclass(frozen=True)
class Made:
    """A table of the sample, and what is known of it."""

    path: Path
    facts: Mapping[str, Any]

    @property
    def noted(self) -> Mapping[str, Any]:
        """What its maker recorded in it."""
        return self.facts["noted"]

    @property
    def types(self) -> dict[str, str]:
        """The types of its columns, as Arrow writes them."""
        return {field.name: str(field.type) for field in pq.read_schema(self.path)}

    def column(self, name: str) -> pa.ChunkedArray:
        """Return the values of a column."""
        return pq.read_table(self.path, columns=[name])[name]


@dataclass(frozen=True)
class Bench:
    """Where tables of one sample are made.

    Attributes:
        folder: an empty folder.
        partition: of which the sample is.
        form: the format of its data, see ``sniff``.
    """

    sample: Sample
    folder: Path
    limits: Limits
    partition: str = "all"
    form: str = ""

    def make(self, draft: Draft) -> Made:
        """Make the table of the sample, as a run would.

        Raises:
            DiffusionError: as a run would end.
        """
        source = draft.source()
        table = self.folder / f"{draft.name}.parquet"
        table.unlink(missing_ok=True)
        limits = replace(self.limits, scratch=self.folder / "scratch")
        convert_table(
            draft.name, source, [self.sample.as_input(self.partition, source)], table, limits
        )
        return Made(table, facts_of(table))
