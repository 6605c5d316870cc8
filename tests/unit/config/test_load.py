"""Configuration files are read and merged as Snakemake does it."""

import copy

import pytest
from snakemake.utils import update_config

from diffusion.config.load import load_config, merge
from diffusion.errors import DiffusionError

PAIRS = [
    ({}, {"a": {"b": 1}}),
    ({"a": {"b": 1, "c": [1]}}, {"a": {"c": [2], "d": {}}}),
    ({"a": 1}, {"a": {"b": 2}}),
    ({"a": None}, {"a": {}}),
    ({"a": None}, {"a": {"b": {"c": 1}}}),
    ({"a": {"b": 1}}, {"a": None}),
    ({"a": {"b": 1}}, {"a": {}}),
]


@pytest.mark.parametrize(("config", "change"), PAIRS)
def test_files_are_merged_as_by_snakemake(config, change):
    ours, theirs = copy.deepcopy(config), copy.deepcopy(config)
    merge(ours, change)
    update_config(theirs, change)
    assert ours == theirs


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"a: [1", "is not valid YAML: while parsing a flow sequence"),
        (b"a: 1\nb: \xff", "is not UTF-8: line 2 has the byte 0xff"),
        (b"- a", "holds no keys"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path, content, found):
    path = tmp_path / "config.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DiffusionError, match=found) as caught:
        load_config([path])
    assert caught.value.where == str(path)
