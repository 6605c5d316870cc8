"""From what an entry was made, as a drawing: places of raw copies, tables, and the entry itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import quote, urlsplit

from diffusion.catalogue.page.site import Site

WIDE, HIGH, GAP, STEP = 176, 32, 44, 46  # of a box, between two columns, from row to row
LONGEST = 22  # characters that a box has room for
MOST = 40  # boxes; of more, the list of what it is made from stands alone


@dataclass(frozen=True)
class Box:
    """A box of the drawing, its left upper corner in pixels; ``link`` may be empty."""

    text: str
    whole: str
    link: str
    kind: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """Boxes, and lines from what was read to what was made: ``x,y`` of their points."""

    boxes: list[Box]
    lines: list[str]
    width: int
    height: int


@dataclass
class _Graph:
    site: Site
    parents: dict[str, list[str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, made: tuple[str, ...] = ()) -> None:
        """Add an entry, and all that it comes from but what is made from it."""
        if name in self.parents:
            return
        found: list[str] = []
        self.parents[name] = found
        entry = self.site.manifest["tables"].get(name, {})
        for parent in self.site.made_of(entry):
            if parent not in (*made, name) and len(self.parents) <= MOST:
                found.append(parent)
                self.add(parent, (*made, name))
        if place := place_of(entry):
            found.append(f"{place} {name}")  # each table has raw copies of its own
            self.parents[found[-1]], self.places[found[-1]] = [], place

    def columns(self) -> dict[str, int]:
        """Return how many steps each is from the raw copies, on the longest way."""
        found = dict.fromkeys(self.parents, 0)
        for _ in found:
            for name, before in self.parents.items():
                found[name] = max((found[parent] + 1 for parent in before), default=0)
        return found


def place_of(entry: Mapping) -> str:
    """Return where raw copies came from: a host or a bucket; a folder here is nobody's."""
    parts = urlsplit(entry.get("retrieval", {}).get("url", "").partition("{")[0])
    if parts.scheme == "s3":
        return f"s3://{parts.netloc}"
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""


def lineage(site: Site, name: str) -> Drawing | None:
    """Return the drawing of an entry; None where nothing or too much is known of its origin."""
    graph = _Graph(site)
    graph.add(name)
    if not 1 < len(graph.parents) <= MOST:
        return None
    columns = graph.columns()
    ends = {p: [n for n, of in graph.parents.items() if p in of] for p in graph.parents}
    # raw copies stand beside the tables that were made of them
    columns |= {raw: columns[ends[raw][0]] - 1 for raw in graph.places}
    taken: set[tuple[int, int]] = set()
    boxes = {}
    for node in sorted(columns, key=lambda node: (columns[node], node)):
        column = columns[node]
        row = next(row for row in count() if (column, row) not in taken)
        # a line goes along its row until the last gap: no box stands in its way
        end = max([column + 1, *(columns[made] for made in ends[node])])
        taken |= {(passed, row) for passed in range(column, end)}
        boxes[node] = _box(graph, node, name, 1 + column * (WIDE + GAP), 1 + row * STEP)
    lines = [_line(boxes[p], boxes[node]) for node, of in graph.parents.items() for p in of]
    width = max(columns.values()) * (WIDE + GAP) + WIDE + 2
    return Drawing(
        list(boxes.values()), lines, width, max(row for _, row in taken) * STEP + HIGH + 2
    )


def _line(start: Box, end: Box) -> str:
    y, last = start.y + HIGH // 2, end.y + HIGH // 2
    return f"{start.x + WIDE},{y} {end.x - GAP},{y} {end.x},{last}"


def _box(graph: _Graph, node: str, own: str, x: int, y: int) -> Box:
    whole = graph.places.get(node, node)
    text = whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"
    is_page = node != own and node in graph.site.manifest["tables"]
    kind = "raw" if node in graph.places else "own" if node == own else "other"
    return Box(text, whole, f"{quote(node)}.html" if is_page else "", kind, x, y)
