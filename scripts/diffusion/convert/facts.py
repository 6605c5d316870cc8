"""What is recorded of raw files beside their rows: of those of a batch, and of all batches."""

import logging
from collections.abc import Mapping, Sequence

from diffusion.convert.counts import merge_counts
from diffusion.convert.kept_rows import skipped_of
from diffusion.convert.on_two_pages import on_pages_note, on_two_pages
from diffusion.convert.relation import RawTable
from diffusion.convert.same_bytes import all_again
from diffusion.convert.told import gathered, merged
from diffusion.raw.inputs import RawInput

logger = logging.getLogger(__name__)


def facts_of_batch(
    inputs: Sequence[RawInput],
    files: Sequence[Sequence[RawTable]],
    notes: Sequence[str],
    name: str,
) -> dict:
    """Return what is recorded of the raw files of a batch.

    Args:
        files: the raw files of each input.
        notes: of all of them.
    """
    raws = [raw for of in files for raw in of]
    facts: dict = {"raw": {item.partition: item.sha256 for item in inputs}}
    facts |= _merged_geometry([raw.geo for raw in raws if raw.geo], name)
    facts["read"] = sorted({raw.told.found for raw in raws if raw.told.found})
    for words in facts["read"]:
        logger.info("read as %s", words)
    told = [(raw.label, note) for raw in raws for note in raw.told.notes]
    told += [(key, "has no byte, and is left out") for item in inputs for key in item.empty]
    told += [(raw.label, "holds no record") for raw in raws if raw.held.records == 0]
    told += [(item.partition, note) for item in inputs for note in on_pages_note(item)]
    told += all_again([(raw.label, raw.held.records) for raw in raws])
    facts |= on_two_pages(inputs)
    facts["skipped"] = skipped_of(raws)
    facts["notes"] = gathered([*told, *(("", note) for note in notes)])
    facts["without"] = _without(inputs, files)
    return facts


def _without(inputs: Sequence[RawInput], files: Sequence[Sequence[RawTable]]) -> list[str]:
    """Return the partitions that hold no record."""
    return [
        item.partition
        for item, of in zip(inputs, files, strict=True)
        if not item.records and not any(raw.columns and raw.held.records != 0 for raw in of)
    ]


def _merged_geometry(geos: Sequence[Mapping], name: str) -> dict:
    """Return what is known of the geometries of several files, as facts; nothing if of none."""
    if not geos:
        return {}
    from diffusion.tables.geoparquet import merge_geo  # pyproj only where there are geometries

    return {"geometry": merge_geo(geos, f"sources.{name}")}


def facts_of_parts(notes: Sequence[Mapping], told: Sequence[str], name: str) -> dict:
    """Return what is recorded of all parts as one."""
    facts = merge_counts(notes)
    facts["raw"] = {k: v for note in notes for k, v in note["raw"].items()}
    facts["without"] = [partition for note in notes for partition in note["without"]]
    facts["read"] = sorted({words for note in notes for words in note["read"]})
    of_all = gathered(("", note) for note in told)
    facts["notes"] = merged([*(note["notes"] for note in notes), of_all])
    geometries = [note["geometry"] for note in notes if "geometry" in note]
    return facts | _merged_geometry(geometries, name)
