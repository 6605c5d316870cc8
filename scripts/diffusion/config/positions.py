"""The position of each key in the YAML files, so that errors can name file and line.

Also finds what a plain YAML load hides: keys given twice (the last one silently wins).
"""

from collections.abc import Iterable
from pathlib import Path

import yaml

from diffusion.base.quick_yaml import LOADER

Key = tuple[str, ...]


def positions(files: Iterable[Path]) -> tuple[dict[Key, str], list[tuple[Key, str, str]]]:
    """Map every key path to "file, line N", and list the keys given twice in one file.

    Args:
        files: YAML files in the order in which they are merged; later ones win.

    Returns:
        the places by key path (list items by their index), and (path, first, second place) of
        duplicates.
    """
    places: dict[Key, str] = {}
    duplicates: list[tuple[Key, str, str]] = []
    for file in dict.fromkeys(file.absolute() for file in files):
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=LOADER)
        if node is not None:
            _walk(node, (), _shown(file), places, duplicates)
    return places, duplicates


def _shown(file: Path) -> str:
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)


def _walk(node: yaml.Node, path: Key, file: str, places: dict, duplicates: list) -> None:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            child = (*path, str(key.value))
            place = f"{file}, line {key.start_mark.line + 1}"
            if child in seen:
                duplicates.append((child, places[child], place))
            seen.add(child)
            places[child] = place
            _walk(value, child, file, places, duplicates)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            child = (*path, str(index))
            places[child] = f"{file}, line {value.start_mark.line + 1}"
            _walk(value, child, file, places, duplicates)
