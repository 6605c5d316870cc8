"""Any configuration: resolved, and then resolved to the same again, or refused in our words."""

import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from diffusion.config.partitions import batches_of, count_partitions
from diffusion.config.resolve import resolve_config
from diffusion.config.typed import flat_config
from diffusion.errors import DiffusionError
from fuzzing import fuzz, no_hang
from projects import REPOSITORY

FILES = [
    REPOSITORY / "config/examples/chapter/config.yaml",
    *sorted((REPOSITORY / "config/examples").glob("*.yaml")),
]
START = {"project": {"name": "fuzz"}, "vintage": "1"}
VALID = [START | yaml.safe_load(file.read_text("utf-8")) for file in FILES]

text = st.text(max_size=8) | st.sampled_from(
    ["", "..", "{axis}", "${HOME}", "${X:-${Y}}", "s3://b/k", "https://[", "http://u:p@h/", "a.b",
     "*", "EPSG:4326", "list[int]", "01450", "\ud800", "x\n", "t.sql", "select 1 from t"]
)  # fmt: skip
scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | text
keys = text | st.integers() | st.none() | st.booleans() | st.sampled_from(sorted(VALID[0]))
value = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def changed(draw: st.DrawFn) -> dict:
    """A valid configuration with up to four changes anywhere."""
    config = copy.deepcopy(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 4))):
        here: dict | list = config
        while True:
            places = list(here) if isinstance(here, dict) else list(range(len(here)))
            place = draw(st.sampled_from(places)) if places else None
            if place is None or not isinstance(here[place], dict | list) or draw(st.booleans()):
                break
            here = here[place]
        new = draw(st.none() | value)
        if isinstance(here, dict) and (place is None or draw(st.booleans())):
            here[draw(keys)] = new
        elif place is not None:
            here[place] = new
    return config


def resolve(config: object, files: list[Path]) -> None:
    with no_hang():
        try:
            resolved = resolve_config(config, files, {"HOME": "/home/fuzz"})
        except DiffusionError as error:
            assert str(error).encode("utf-8", "replace")
            return
    assert resolve_config(flat_config(resolved), [], {}) == resolved
    for source in resolved.sources.values():
        if count_partitions(source.partitions) < 1000:
            for batch, names in batches_of(
                source.partitions, source.batches, source.fetch.kind
            ).items():
                assert "/" not in batch + "".join(names)


@pytest.mark.slow
@given(config=changed())
@example(config=START | {"sources": {"s": {"from": "s3", "url": "s3://b/k", "vintage": "1\n"}}})
@fuzz(150)
def test_fuzz_a_changed_configuration(config: dict) -> None:
    resolve(config, [])


@given(config=st.dictionaries(keys, value, max_size=5))
@fuzz(50)
def test_fuzz_any_configuration(config: dict) -> None:
    resolve(config, [])


@given(
    start=st.sampled_from([yaml.safe_dump(config, allow_unicode=True) for config in VALID]),
    where=st.floats(0, 1),
    cut=st.integers(0, 20),
    new=st.text(max_size=10)
    | st.sampled_from(
        ["&a ", "*a", "<<: ", "!!python/object/apply:os.system [id]", "{", "- ", "\t"]
    ),
)
@fuzz(60)
def test_fuzz_the_text_of_a_configuration(
    start: str, where: float, cut: int, new: str, tmp_path_factory
) -> None:
    """What YAML itself refuses is Snakemake's to say, before us."""
    place = int(where * len(start))
    changed_text = (start[:place] + new + start[place + cut :]).encode("utf-8", "replace").decode()
    try:
        loaded = yaml.safe_load(changed_text)
    except (yaml.YAMLError, ValueError):  # the second: a date such as 2025-99-99
        return
    if not isinstance(loaded, dict):
        return
    file = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    file.write_text(changed_text, "utf-8")
    resolve(loaded, [file])
