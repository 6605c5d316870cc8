"""The order of the house: imports run one way, light rooms stay light, and code is short."""

import ast
from pathlib import Path

import pytest

from diffusion.run.code import imports
from projects import REPOSITORY

LIBRARY = REPOSITORY / "scripts" / "diffusion"
# lowest first; rooms of one floor do not import each other
FLOORS = [
    {"errors"},
    {"base"},
    {"config", "template"},
    {"files"},
    {"tables"},
    {"storage"},
    {"raw", "check"},
    {"fetch", "convert", "derive", "publish", "maps"},
    {"catalogue", "notebook"},
    {"propose"},
    {"run"},
]
HEAVY = {"geopandas", "pandas", "matplotlib"}
FUNCTION, FILE = 40, 250  # lines
LISTS = {"diffusion.errors"}  # one class after the other


def module_name(path: Path) -> str:
    """Return the name by which a file of the library is imported."""
    return ".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts)


MODULES = {module_name(path): path for path in LIBRARY.rglob("*.py") if path.stem != "__init__"}


def imported(path: Path) -> set[str]:
    """Return the full names of what a file imports, at its top or in a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= inner & MODULES.keys() or {node.module or ""}
    return names


def room(module: str) -> str:
    return module.split(".")[1]


def floor(module: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room(module) in rooms)


def reached(module: str, seen: set[str] | None = None) -> set[str]:
    """Return all that a module imports, directly or through others of the library."""
    seen = set() if seen is None else seen
    for name in imported(MODULES[module]) - seen:
        seen.add(name)
        if name in MODULES:
            reached(name, seen)
    return seen


def test_every_module_has_a_room():
    assert {room(module) for module in MODULES} == set().union(*FLOORS)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_run_one_way(module):
    upwards = [
        name
        for name in imported(MODULES[module]) & MODULES.keys()
        if floor(name) > floor(module)
        or (floor(name) == floor(module) and room(name) != room(module))
    ]
    assert upwards == []


@pytest.mark.parametrize(
    "module", sorted(m for m in MODULES if room(m) in ("fetch", "storage", "raw", "run"))
)
def test_light_rooms_stay_light(module):
    assert {name.partition(".")[0] for name in reached(module)} & HEAVY == set()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_the_hash_of_the_code_follows_the_same_imports(module):
    """It looks for lines that begin with `import`; the syntax tree is the truth."""
    found = imports(MODULES[module].read_bytes()) & MODULES.keys()
    assert found == imported(MODULES[module]) & MODULES.keys()


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in LIBRARY.glob("*/__init__.py")))
def test_each_room_says_what_it_is_for(folder):
    tree = ast.parse((LIBRARY / folder / "__init__.py").read_text("utf-8"))
    assert len(tree.body) == 1, "it defines and imports nothing"
    words = ast.get_docstring(tree) or ""
    assert all(word in words for word in ("In: ", "Out: ", "Edit this when "))


def too_long(module: str) -> list[str]:
    """Return what of a module has too many lines to be read: itself, and functions."""
    text = MODULES[module].read_text("utf-8")
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    sizes = {f"{module}.{each.name}": each.end_lineno - each.lineno + 1 for each in functions}
    found = [f"{name}: {size} lines" for name, size in sizes.items() if size > FUNCTION]
    lines = text.count("\n")
    return found + [f"{module}: {lines} lines"] * (lines > FILE and module not in LISTS)


def test_functions_and_files_are_small():
    assert [found for module in MODULES for found in too_long(module)] == []
