"""Partitions: names that are safe and come back, batches that stay, templates that are filled."""

import itertools

import pytest

from diffusion.config.partitions import (
    MAX_UNBATCHED,
    MOST_BATCHES,
    axes_of,
    batches_of,
    count_partitions,
    fill,
    parse_partition,
    partition_name,
    partitions_of,
)


@pytest.mark.parametrize(
    ("partition", "name"),
    [
        ({}, "all"),
        ({"commune": "01450"}, "commune=01450"),
        ({"commune": "2A004", "year": "2020"}, "commune=2A004,year=2020"),
        ({"q": "a,b=c"}, "q=a%2Cb%3Dc"),
        ({"q": "a/b"}, "q=a%2Fb"),
        ({"q": "100%"}, "q=100%25"),
        ({"q": "Saint-Étienne l'été"}, "q=Saint-%C3%89tienne%20l%27%C3%A9t%C3%A9"),
        ({"q": "{x}"}, "q=%7Bx%7D"),
        ({"q": "all"}, "q=all"),
        ({"q": "a\\b:c*d?e"}, "q=a%5Cb%3Ac%2Ad%3Fe"),
    ],
)
def test_names(partition, name):
    assert partition_name(partition) == name
    assert parse_partition(name) == partition


def test_every_combination_of_the_axes():
    found = partitions_of(dict(commune=["01450", "2A004"], year=["2020", "2021"]))
    assert list(found) == [
        "commune=01450,year=2020",
        "commune=01450,year=2021",
        "commune=2A004,year=2020",
        "commune=2A004,year=2021",
    ]
    assert found["commune=2A004,year=2020"] == {"commune": "2A004", "year": "2020"}
    assert partitions_of({}) == {"all": {}}


def test_counting_lists_nothing():
    assert count_partitions(dict(a=["1"] * 10**5, b=["1"] * 10**5)) == 10**10
    assert count_partitions(dict()) == 1


@pytest.mark.parametrize("kind", ["file", "archive", "s3"])
def test_few_files_are_a_batch_each(kind):
    codes = [f"{n:05d}" for n in range(MAX_UNBATCHED)]
    found = batches_of({"c": codes}, None, kind)
    assert found == {f"c={code}": [f"c={code}"] for code in codes}
    assert batches_of({}, None, kind) == {"all": ["all"]}


@pytest.mark.parametrize(
    ("partitions", "batches"),
    [(1, 1), (128, 1), (129, 4), (512, 4), (513, 8), (2048, 8), (2049, 64)],
)
def test_an_api_has_few_batches(partitions, batches):
    codes = [f"{n:05d}" for n in range(partitions)]
    found = batches_of({"c": codes}, None, "api")
    assert len(found) == batches
    assert sorted(itertools.chain(*found.values())) == [f"c={code}" for code in codes]


def test_one_batch_has_the_name_of_a_source_without_partitions():
    assert batches_of({"c": ["1", "2"]}, None, "api") == {"all": ["c=1", "c=2"]}
    assert batches_of({"c": ["1", "2"]}, 1, "file") == {"all": ["c=1", "c=2"]}
    assert batches_of({}, None, "api") == {"all": ["all"]}


def test_many_partitions_are_dealt():
    codes = [f"{n:05d}" for n in range(35_000)]
    found = batches_of({"c": codes}, None, "file")
    assert list(found) == [f"batch-{n:03d}" for n in range(MOST_BATCHES)]
    assert sorted(name for batch in found.values() for name in batch) == [
        f"c={code}" for code in codes
    ]
    sizes = [len(batch) for batch in found.values()]
    assert max(sizes) < 1.3 * min(sizes)


@pytest.mark.parametrize("batches", [None, 8])
def test_one_more_partition_changes_one_batch(batches):
    codes = [f"{n:05d}" for n in range(100)]
    before, after = (batches_of({"c": c}, batches, "file") for c in (codes, [*codes, "2A004"]))
    changed = [name for name in after if after[name] != before.get(name)]
    assert len(changed) == 1
    assert "c=2A004" in after[changed[0]]


def test_batches_do_not_depend_on_the_process():
    # crc32, not hash(): the names of jobs must be the same in every process, forever
    assert batches_of({"c": ["01450", "2A004", "69123"]}, 4, "api") == {
        "batch-000": ["c=69123"],
        "batch-001": ["c=01450", "c=2A004"],
    }


def test_axes_of_templates():
    template = {"q": "code:{commune}", "list": ["{year}", 1, None], "deep": {"x": "{a}{b}"}}
    assert axes_of(template) == {"commune", "year", "a", "b"}
    assert axes_of("{ id } {} {1} $x") == set()
    assert axes_of(None) == axes_of(7) == set()


@pytest.mark.parametrize(
    ("template", "in_url", "expected"),
    [
        ("x/{c}.csv", False, "x/É/&.csv"),
        ("x/{c}.csv", True, "x/%C3%89%2F%26.csv"),
        ("{other} { c } {c.__class__} {0}", False, "{other} { c } {c.__class__} {0}"),
        ({"q": 'code:"{c}"', "n": 1000}, False, {"q": 'code:"É/&"', "n": 1000}),
        (["{c}", None, True], False, ["É/&", None, True]),
        (None, False, None),
    ],
)
def test_fill(template, in_url, expected):
    assert fill(template, {"c": "É/&"}, in_url=in_url) == expected


def test_a_value_is_not_a_template():
    assert fill("{a}{b}", {"a": "{b}", "b": "x"}) == "{b}x"
