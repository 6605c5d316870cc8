"""TopoJSON as GeoJSON: borders that shapes share are put together again, the rest stays as it is.

Source of the format: the TopoJSON specification, version 1.0.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from diffusion.config.remedies import CORRECT
from diffusion.convert.json.lines import object_once
from diffusion.errors import LayerError

POINTS = {"Point": 0, "MultiPoint": 1}  # how deep positions are nested
LINES = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
RINGS = ("Polygon", "MultiPolygon")


@dataclass
class _Topology:
    label: str
    arcs: list[list[list[float]]]
    scale: Sequence[float] | None
    move: Sequence[float]

    def feature(self, shape: dict) -> dict:
        """Return a shape as a feature."""
        feature = {"type": "Feature", "properties": shape.get("properties") or {}}
        if "id" in shape:
            feature["id"] = shape["id"]
        return feature | {"geometry": self._geometry(shape)}

    def _geometry(self, shape: dict) -> dict | None:
        kind = shape.get("type")
        if kind is None:
            return None
        if kind == "GeometryCollection":
            inner = [self._geometry(each) for each in shape.get("geometries", [])]
            return {"type": kind, "geometries": [each for each in inner if each]}
        if kind in POINTS:
            made = self._points(shape.get("coordinates"), POINTS[kind])
        elif kind in LINES:
            made = self._lines(shape.get("arcs"), LINES[kind], is_ring=kind in RINGS)
        else:
            self.refuse(f"a shape is of the type {kind!r}, which there is not")
        return {"type": kind, "coordinates": made}

    def _points(self, given: Any, depth: int) -> list:
        if depth:
            return [self._points(each, depth - 1) for each in given]
        return self._placed(given)

    def _placed(self, position: list[float]) -> list[float]:
        if self.scale is None:
            return position
        placed = zip(position, self.scale, self.move, strict=False)
        return [value * scale + move for value, scale, move in placed] + position[2:]

    def _lines(self, given: Any, depth: int, *, is_ring: bool) -> list:
        if depth:
            return [self._lines(each, depth - 1, is_ring=is_ring) for each in given]
        line: list[list[float]] = []
        for number in given:
            if not -len(self.arcs) <= number < len(self.arcs):
                self.refuse(f"a shape has the arc {number}, and there are {len(self.arcs):,}")
            arc = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
            if line and arc and line[-1] != arc[0]:
                self.refuse(f"the arc {number} does not begin where the one before it ends")
            line += arc[1:] if line else arc
        if is_ring and line and line[0] != line[-1]:
            self.refuse("a ring is not closed")
        return line

    def read_arcs(self) -> None:
        """Turn the steps of quantised arcs into positions."""
        for number, arc in enumerate(self.arcs) if self.scale is not None else ():
            x, y, placed = 0.0, 0.0, []
            for dx, dy, *rest in arc:
                x, y = x + dx, y + dy
                placed.append(self._placed([x, y, *rest]))
            self.arcs[number] = placed

    def refuse(self, found: str) -> NoReturn:
        raise LayerError(self.label, f"TopoJSON: {found}", CORRECT)


def topology_as_geojson(path: Path, layer: str | None, target: Path, label: str) -> Path:
    """Write one object of a topology as a collection of features.

    Args:
        layer: name of the object; None for the only one.

    Raises:
        DiffusionError: it is damaged, or has several objects.
    """
    given = _read(path, label)
    objects, transform = given.get("objects") or {}, given.get("transform") or {}
    names = ", ".join(objects)
    name = next(iter(objects), None) if layer is None and len(objects) == 1 else layer
    if not objects:
        raise LayerError(label, "TopoJSON: it has no `objects`", CORRECT)
    if name not in objects:
        raise LayerError(label, f"layers: {names}", "write the name of one: `layer: …`")
    scale, move = transform.get("scale"), transform.get("translate", [0, 0])
    topology = _Topology(label, given.get("arcs", []), scale, move)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        topology.read_arcs()
        features = (topology.feature(shape) for shape in _shapes(objects[name]))
        _write(features, given.get("crs"), target)
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        topology.refuse(f"its shapes cannot be read: {error}")
    return target


def _shapes(given: dict) -> list[dict]:
    is_many = given.get("type") == "GeometryCollection"
    return given.get("geometries", []) if is_many else [given]


def _write(features: Iterator[dict], crs: object, target: Path) -> None:
    with target.open("w", encoding="utf-8") as out:
        stated = f' "crs": {json.dumps(crs)},' if crs else ""
        out.write(f'{{"type": "FeatureCollection",{stated} "features": [')
        before = "\n"
        for feature in features:
            out.write(before + json.dumps(feature, ensure_ascii=False))
            before = ",\n"
        out.write("\n]}\n")


def _read(path: Path, label: str) -> dict:
    def no_number(word: str) -> NoReturn:
        raise ValueError(f"{word} is no number of JSON")

    try:
        text = path.read_text("utf-8-sig")
        return json.loads(text, object_pairs_hook=object_once, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise LayerError(label, f"cannot be read: {error}", CORRECT) from error
