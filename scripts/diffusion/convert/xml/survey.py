"""What the records of an XML document have in common, as a first pass over them shows."""

from collections import Counter
from dataclasses import dataclass, field

from diffusion.files.xml_elements import Element

Names = tuple[str, ...]


@dataclass
class Survey:
    """What the records of a document have in common.

    Attributes:
        count: how many they are.
        repeated: elements that come more than once in a record, or in what they stand in.
        holders: elements that hold others.
        texts: elements that have text of their own.
        columns: attributes and elements that have a value or nothing at all, in their order.
        above: attributes of the elements around records, as ``../@name``.
    """

    count: int = 0
    repeated: set[Names] = field(default_factory=set)
    holders: set[Names] = field(default_factory=set)
    texts: set[Names] = field(default_factory=set)
    columns: dict[Names, None] = field(default_factory=dict)
    above: dict[str, None] = field(default_factory=dict)
    _last: object = None

    def add(self, record: Element) -> None:
        """Count a record, and note what it is and what it stands in."""
        self.count += 1
        self.see(record)
        if record.above is not self._last:  # records of one parent have one mapping
            self._last = record.above
            self.above |= dict.fromkeys(record.above)

    @property
    def mixed(self) -> set[Names]:
        """Elements that have text and elements; of one record, or of two."""
        return self.holders & self.texts

    def see(self, element: Element, here: Names = ()) -> None:
        """Note what an element is, and what stands in it."""
        for name in element.attributes:
            self.columns.setdefault((*here, f"@{name}"))
        if element.children:
            self.holders.add(here)
        elif not element.attributes:
            self.columns.setdefault(here)
        if element.text:
            self.texts.add(here)
            self.columns.setdefault(here)
        names = [child.name for child in element.children]
        if len(set(names)) < len(names):
            self.repeated.update((*here, n) for n, times in Counter(names).items() if times > 1)
        for child in element.children:
            self.see(child, (*here, child.name))
