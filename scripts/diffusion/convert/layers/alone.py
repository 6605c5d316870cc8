"""A layer's file as GDAL gets it: alone with what belongs to it, as the format that it is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diffusion.base.json_path import in_yaml
from diffusion.config.vector_formats import LAYERS
from diffusion.convert.layers.gdal import pyogrio
from diffusion.errors import LayerError
from diffusion.files.sniff import sniff

SOURCE = re.compile(r"\S+\.cpp, \d+: ")  # where in GDAL's own code
GPX = ["waypoints", "routes", "tracks", "route_points", "track_points"]  # layers of GPX
WHOLE = "ask the publisher for all its files, and once they are there set a new `vintage`"


def alone(path: Path, form: str, place: Path, label: str) -> Path:
    """Return the file in a folder of its own, with the files that belong to it, as links.

    Whatever else lies beside it has no say: a schema (.xsd, .gfs) would change the types of GML.
    GDAL looks for the others by the case of the first one's name, and some formats go by names.

    Args:
        place: a folder for copies.

    Raises:
        DiffusionError: one of the files is missing.
    """
    if path.is_dir():
        return path
    known = LAYERS[form]
    folder = place / "alone"
    folder.mkdir(parents=True, exist_ok=True)
    main = folder / (path.stem + known.suffix if known.suffix else path.name)
    files = {known.suffix: path} | {end: beside(path, end) for end in (*known.needs, *known.takes)}
    for end, file in files.items():
        link = main.with_suffix(end) if end != known.suffix else main
        if file and not link.is_symlink():
            link.symlink_to(file.absolute())
    if missing := [end for end in known.needs if not files[end]]:
        found = f"{path.name} has no {' and no '.join(missing)} beside it"
        raise LayerError(label, found, WHOLE)
    return main


def beside(path: Path, suffix: str) -> Path | None:
    """Return the file beside another that has its name but another ending, whatever the case."""
    return next((f for f in path.parent.iterdir() if _belongs(f, path, suffix)), None)


def _belongs(file: Path, path: Path, suffix: str) -> bool:
    return file.stem.lower() == path.stem.lower() and file.suffix.lower() == suffix


def gdal_name(path: Path, form: str, label: str) -> str:
    """Return the name by which GDAL opens a file as the format that it is, and as no other.

    pyogrio reads what follows a ``!`` as another path, and a name in .zip as an archive.

    Raises:
        DiffusionError: it is of another format, or has such a name.
    """
    if "!" in str(path) or path.suffix.lower() == ".zip":
        fix = "give it another name (and its folder, if that holds a `!`)"
        raise LayerError(label, f"{path} would be read as an archive", fix)
    # no other driver reads those signatures
    if not LAYERS[form].prefix and not path.is_dir() and (kind := sniff(path)) != form:
        raise LayerError(label, f"is {kind}, not {form}", "correct `format:`")
    return LAYERS[form].prefix + str(path)


@contextmanager
def readable(name: str, label: str) -> Iterator[None]:
    """Refuse a file, by its name for GDAL, that GDAL cannot open.

    Raises:
        DiffusionError: in GDAL's words.
    """
    try:
        yield
    except pyogrio.errors.DataSourceError as error:
        if Path(name).is_dir():
            found = "is no File Geodatabase that GDAL reads, or lacks some of its files"
            raise LayerError(label, found, WHOLE) from error
        words = SOURCE.sub("", str(error))
        raise LayerError(label, f"cannot be read: {words}", "see `format:`") from error


def layer_of(name: str, wanted: str | None, label: str) -> str:
    """Return the declared layer of a file by its name for GDAL, or the only one with geometries.

    Raises:
        DiffusionError: it cannot be opened, or has no such layer, or several.
    """
    with readable(name, label):
        found = {str(layer): kind for layer, kind in pyogrio.list_layers(name)}
    layers = [layer for layer, kind in found.items() if kind is not None]
    if wanted is None and layers == GPX:  # that each file has, most of them empty
        layers = [
            n
            for n in layers
            if pyogrio.read_info(name, layer=n, force_feature_count=True)["features"]
        ] or layers
    if wanted in layers or (wanted is None and len(layers) == 1):
        return wanted or layers[0]
    names, is_gpkg = ", ".join(layers) or "none has geometries", name.startswith("GPKG:")
    if wanted in found:
        what = f"`{wanted}` is a table without geometries, and no layer; layers: {names}"
        fix = f"read it by its name as a table: `table: {in_yaml(wanted or '')}`"
        if not is_gpkg:
            fix = "ask its publisher for the table as CSV or Parquet; or make one of it: "
            fix += f"`ogr2ogr -f CSV {wanted}.csv {Path(label).name} {wanted}`"
        raise LayerError(label, what, fix)
    raise LayerError(label, f"layers: {names}", "write the name of one: `layer: …`")
