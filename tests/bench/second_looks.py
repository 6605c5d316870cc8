"""What it costs that each raw file is looked at by a second reader: a share of the conversion.

Every function of a second look is timed where it is called; what remains of the conversion is what
it would cost without them. Those that do the reader's own work as well are counted whole.
"""

import importlib
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

from bench.base import Bench, convert, resolved
from bench.data import CHECKS, COLUMNS, ORDER, dpe_file, polygons_gpkg, polygons_zip
from bench.measure import Goal, Row

if TYPE_CHECKING:
    from diffusion.config.model import Source

ROWS = 1_000_000
POLYGONS = 35_000
# rows, values and ends counted and compared; texts that look damaged or like values
EVERYWHERE = [
    "convert.counts:verify_rows",
    "convert.counts:find_damage",
    "convert.finishing:text_doubts",
    "convert.typed_rows:verify_first_and_last",
]
LOOKS = {
    "CSV": [
        "convert.text.delimited_text:survey",
        "convert.text.delimited_text:last_row",
        "convert.text.delimited:verify_end",
        "convert.text.delimited_text:ends_in_spaces",
    ],
    "NDJSON": [
        "convert.json.nested:survey",
        "convert.json.nested:verify_depth",
        "convert.json.nested:ends_of_lines",
    ],
    "zipped shapefile": [
        "convert.layers.layer_opened:count_shapes",
        "convert.layers.layer_opened:values_of",
        "convert.layers.layer_opened:dbf_ends",
    ],
    "GeoPackage": [
        "convert.layers.layer_opened:stated_features",
        "convert.layers.layer_opened:verify_values",
        "convert.layers.layer_opened:verify_moments",
        "convert.layers.layer_opened:text_ends",
    ],
}
GOAL = 0.15


def measure(bench: Bench) -> Row:
    place, rows, shapes = bench.place("looks"), bench.size(ROWS, 1000), bench.size(POLYGONS, 500)
    polygons_gpkg(layer := place / "layer.gpkg", shapes)
    files = {
        "CSV": dpe_file(place / "dpe.csv", rows),
        "NDJSON": dpe_file(place / "dpe.ndjson", rows),
        "zipped shapefile": polygons_zip(place / "communes.zip", shapes),
        "GeoPackage": layer,
    }
    contenders = [
        bench.ours(kind, "second_looks.diffusion", kind, file, place / "out.parquet")
        for kind, file in files.items()
    ]
    runs = bench.alternate(contenders, "looks")
    goals = [
        Goal(f"second looks at a {kind}, to the rest", run.facts["looks"] / run.facts["rest"], GOAL)
        for kind, run in runs.items()
    ]
    notes = [
        f"{rows:,} rows, {shapes:,} polygons. Counted as second looks: lines, records and features "
        "by another reader, first and last record, values of layers by their own formats, and "
        "words that look damaged or like values. CPU seconds of the whole process."
    ]
    return Row("Second looks at raw files, beside the rest of their conversion", runs, goals, notes)


def diffusion(kind: str, file: str, target: str) -> dict:
    """Convert, with two threads; CPU seconds within second looks, and outside of them."""
    source = _source(kind, file)
    spent = [0.0]
    for name in [*EVERYWHERE, *LOOKS[kind]]:
        module, _, function = name.partition(":")
        _time(importlib.import_module(f"diffusion.{module}"), function, spent)
    begun = time.process_time()
    convert(source, file, target)
    return {"looks": spent[0], "rest": time.process_time() - begun - spent[0]}


def _source(kind: str, file: str) -> "Source":
    if kind in ("CSV", "NDJSON"):
        keys = {"csv": {"delimiter": ";"}} if kind == "CSV" else {}
        columns = dict(COLUMNS)
        return resolved(
            **{"from": "file", "url": file}, **keys, columns=columns, sort_by=ORDER, checks=CHECKS
        )
    shapes = {"family": "polygon", "crs": "EPSG:4326"}
    if Path(file).suffix == ".zip":
        return resolved(**{"from": "archive", "url": file, "member": "*.shp"}, geometry=shapes)
    return resolved(**{"from": "file", "url": file}, geometry=shapes)


def _time(module: object, name: str, spent: list[float]) -> None:
    function: Callable = getattr(module, name)

    @wraps(function)
    def timed(*arguments: object, **options: object) -> object:
        begun = time.process_time()
        try:
            return function(*arguments, **options)
        finally:
            spent[0] += time.process_time() - begun

    setattr(module, name, timed)
