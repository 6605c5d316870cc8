"""Write a source's vintage into a configuration file, and not touch another byte of it."""

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from diffusion.base.json_files import write_whole
from diffusion.errors import OptionError


def write_vintage(files: Sequence[Path], source: str, vintage: str) -> Path:
    """Write the vintage of a source where it stands, or as the first key of its entry.

    Args:
        files: the configuration files, later ones winning.

    Returns:
        the file that was written.

    Raises:
        DiffusionError: the entry is written in a way that is not edited by machine.
    """
    texts = {path: path.read_bytes().decode("utf-8") for path in files}
    entries = {path: node for path in files if (node := _entry(texts[path], source))}
    own = [path for path, node in entries.items() if _value(node, "vintage")]
    path = own[-1] if own else next(iter(entries), None)
    edited = _edited(texts[path], entries[path], vintage) if path else None
    if path is None or edited is None or not _means(edited, source, vintage):
        fix = f'write it yourself: `vintage: "{vintage}"` under sources.{source}'
        found = "the entry has an alias, or a form that is not edited by machine"
        raise OptionError(str(path or files[0]), found, fix)
    write_whole(path, edited.encode())
    return path


def _entry(text: str, source: str) -> yaml.MappingNode | None:
    """Return the mapping of a source, None where there is none, or where it is an alias."""
    top = yaml.compose(text, Loader=yaml.SafeLoader)  # by Python, whose marks count characters
    sources = _value(top, "sources")
    entry = _value(sources, source)
    return entry if isinstance(entry, yaml.MappingNode) else None


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    """Return the value of a key that stands in a mapping itself; None for an alias."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == name and value.start_mark.index >= key.end_mark.index:
            return value
    return None


def _edited(text: str, entry: yaml.MappingNode, vintage: str) -> str | None:
    """Return the text with another vintage: in the quotes that it has, else in double ones."""
    value = _value(entry, "vintage")
    if isinstance(value, yaml.ScalarNode) and value.style in (None, "'", '"'):
        sign = value.style or '"'
        start, end = value.start_mark.index, value.end_mark.index
        return f"{text[:start]}{sign}{vintage}{sign}{text[end:]}"
    if value is not None or not entry.value:
        return None
    first = entry.value[0][0].start_mark
    between = ", "
    if not entry.flow_style:
        line = text[: first.index].rpartition("\n")[2]
        if line.strip():  # a key beside a sign, as `? key`
            return None
        between = ("\r\n" if re.search("\r\n", text) else "\n") + line
    return f'{text[: first.index]}vintage: "{vintage}"{between}{text[first.index :]}'


def _means(text: str, source: str, vintage: str) -> bool:
    """Say whether an edited text has the vintage of the source, and is YAML as before."""
    try:
        found = yaml.safe_load(text)["sources"][source]["vintage"]
    except (yaml.YAMLError, LookupError, TypeError):
        return False
    return bool(found == vintage)
