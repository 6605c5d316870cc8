"""Records of XML as lines of JSON: attributes and elements are columns, their names joined.

Two passes: which elements come several times in a record, and which columns there are, is known
after the first one; so a column is a list in every row or in none.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from diffusion.base.json_path import parse_path
from diffusion.config.remedies import in_line
from diffusion.convert.completeness import readers_disagree
from diffusion.convert.given import Given
from diffusion.convert.json.lines import Lines, Records
from diffusion.convert.json.wide import nested_columns
from diffusion.convert.xml.survey import Names, Survey
from diffusion.errors import ColumnsError, XmlDataError
from diffusion.files.beside import Beside
from diffusion.files.xml_elements import UP, Element, records_in
from diffusion.files.xml_outline import candidates

TEXT = "#text"  # the column of a record's own text


@dataclass
class Flattening:
    """How an element becomes columns.

    Attributes:
        separator: joins names.
        nested: columns that are declared to be kept as JSON.
        as_text: columns of which the whole text is wanted, or none.
        above: attributes of the elements around records that are asked for.
    """

    label: str
    separator: str
    nested: Collection[str]
    as_text: Collection[str]
    survey: Survey
    above: Collection[str]
    known: dict[str, Names] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mixed = self.survey.mixed

    @property
    def objects(self) -> frozenset[str]:
        """The elements, by name, of whose own elements columns are made."""
        holders = self.survey.holders - self.mixed - self.survey.repeated - {()}
        return frozenset(map(self.separator.join, holders))

    def row(self, record: Element) -> dict[str, Any]:
        """Return a record by the names of columns.

        Raises:
            DiffusionError: two things would have one name, or text stands among elements.
        """
        found: dict[str, Any] = {name: record.above.get(name) for name in self.above}
        self._add(record, (), found)
        return found

    def _add(self, element: Element, here: Names, found: dict[str, Any]) -> None:
        name = self._name(here)
        if here and name in self.nested:
            found[name] = self._value(element, here)
            return
        for attribute, value in element.attributes.items():
            found[self._name((*here, f"@{attribute}"))] = value
        if here in self.mixed:
            found[name] = self._mixed(element, name)
            return
        if element.text or (not element.children and self._is_column(here)):
            found[name] = None if element.is_nil else element.text
        for child in element.children:
            below = (*here, child.name)
            if below in self.survey.repeated:
                found.setdefault(self._name(below), []).append(self._value(child, below))
            else:
                self._add(child, below, found)

    def _is_column(self, here: Names) -> bool:
        """Whether an empty element is a value that is missing, and not an object without fields."""
        return bool(here) and here in self.survey.columns and here not in self.survey.holders

    def _value(self, element: Element, here: Names) -> Any:
        """Return an element of a list, or one that is kept as JSON: text, or an object."""
        if not element.children and not element.attributes:
            return None if element.is_nil else element.text
        found: dict[str, Any] = {f"@{name}": value for name, value in element.attributes.items()}
        if element.text:
            found[TEXT] = element.text
        if here in self.mixed:
            return self._mixed(element, self._name(here))
        for child in element.children:
            below = (*here, child.name)
            value = self._value(child, below)
            if below in self.survey.repeated:
                found.setdefault(child.name, []).append(value)
            else:
                found[child.name] = value
        return found

    def _name(self, here: Names) -> str:
        name = self.separator.join(here) or TEXT
        if self.known.setdefault(name, here) != here:
            both = " and ".join("/".join(names) for names in (self.known[name], here))
            fix = "choose another `separator`"
            raise ColumnsError(self.label, f"two columns would be named `{name}`: {both}", fix)
        return name

    def _mixed(self, element: Element, name: str) -> str | None:
        if name not in self.as_text:
            fix = f"`columns: {{{in_line(name)}: string}}` keeps the text of all of it, `drop: "
            fix += f"[{in_line(name)}]` "
            fix += "leaves it out"
            found = f"`{name}` has text among its elements: {element.whole_text[:100]}"
            raise XmlDataError(self.label, found, fix)
        return element.whole_text or None


def xml_to_lines(given: Given, target: Path) -> Records:
    """Write the records of an XML document as lines, streaming; count them twice.

    Raises:
        DiffusionError: it does not say where they are, there are none, or it is damaged.
    """
    path, label, read, convert = given.path, given.label, given.read, given.convert
    if not read.records:
        fix = "name the element of each row, from the root on: `records: response.rows.row`"
        found = "this is XML, and nothing says which of its elements is a row"
        raise XmlDataError(label, found, candidates(path) or fix)
    steps = [str(step) for step in parse_path(read.records)]
    texts = {spec.source or name for name, spec in convert.columns.items()} | set(convert.drop)
    wanted = sorted(name for name in texts if name.startswith(UP))
    survey, beside = Survey(), Beside()
    for record in records_in(path, steps, label, wanted, beside):
        survey.add(record)
    if not survey.count:
        fix = candidates(path) or "see `records:`"
        raise XmlDataError(label, f"there are no elements at `{read.records}`", fix)
    above = [name for name in wanted if _is_around(name, survey.above, label)]
    nested = nested_columns(convert, read.geometry)
    flattening = Flattening(label, read.separator, nested, texts, survey, above)
    with Lines(target) as lines:
        _write(records_in(path, steps, label, wanted), flattening, lines)
    if lines.count != survey.count:
        found = f"holds {survey.count:,} records, {lines.count:,} rows were made of them"
        raise readers_disagree(label, found)
    untold = [name for name in survey.above if name not in wanted and convert.keep == "all"]
    records = lines.records(*_around_note(untold, steps), *beside.notes())
    return replace(records, objects=flattening.objects)


def _is_around(name: str, above: Collection[str], label: str) -> bool:
    """Say whether elements around the records have an attribute; another file may have it.

    Raises:
        DiffusionError: it has another level, or other capitals.
    """
    alike = [each for each in above if _own(each).lower() == _own(name).lower()]
    if name not in above and alike:
        found = f"no element that encloses the records has `{name}`"
        raise XmlDataError(label, found, f"did you mean {' or '.join(f'`{a}`' for a in alike)}?")
    return name in above


def _own(name: str) -> str:
    """Return the name that an attribute has by itself."""
    return name.rpartition("/")[2]


def _around_note(names: Sequence[str], steps: Sequence[str]) -> Iterator[str]:
    """Yield a note on the attributes of enclosing elements that are in no column."""
    holders: dict[str, list[str]] = {}
    for name in names:
        holders.setdefault(".".join(steps[: -name.count(UP)]), []).append(f"`{_own(name)}`")
    if holders:
        told = "; ".join(f"{', '.join(each)} of `{path}`" for path, each in holders.items())
        yield (
            f"elements that enclose the records have attributes that are in no column: {told} "
            f"(`columns: {in_line({'x': {'from': names[0], 'type': 'string'}})}` makes one of it)"
        )


def _write(records: Iterable[Element], flattening: Flattening, lines: Lines) -> None:
    """Write rows; the first one has every column, which gives them their order."""
    for record in records:
        row = flattening.row(record)
        if not lines.count:
            row = _in_order(flattening, row)
        lines.write(row)


def _in_order(flattening: Flattening, row: dict[str, Any]) -> dict[str, Any]:
    survey, names = flattening.survey, list(flattening.above)
    for here in survey.columns:
        if here in survey.holders and here not in survey.texts:
            continue
        within = [here[:n] for n in range(1, len(here) + 1)]
        joined = [flattening.separator.join(names) or TEXT for names in within or [()]]
        kept = [
            name
            for at, name in zip(within or [()], joined, strict=True)
            if at in survey.repeated | flattening.mixed or name in flattening.nested
        ]
        names.append(kept[0] if kept else joined[-1])
    return {name: row.get(name) for name in names} | row
