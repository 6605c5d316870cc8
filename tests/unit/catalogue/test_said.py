"""What the configuration says of what is published, in the manifest."""

import json

import jsonschema
import pytest

from catalogues import DPE, config_of, manifest_of
from diffusion.catalogue.coverage import coverage_notes
from diffusion.catalogue.said import said
from diffusion.errors import DiffusionError
from projects import REPOSITORY
from said import words_of

SCHEMA = json.loads((REPOSITORY / "workflow/schemas/manifest.schema.json").read_text("utf-8"))
SHARED = {
    "publisher": "The office",
    "contact": "data@office.example",
    "homepage": "https://office.example/",
    "language": "fr",
    "keywords": ["logement"],
}


def test_words_come_into_the_manifest_which_fits_its_schema():
    config, manifest = config_of(), manifest_of()
    noted = said(config, manifest).applied(manifest, config.project)
    jsonschema.validate(noted, SCHEMA, jsonschema.Draft202012Validator)
    assert noted["public_url"] == "https://data.example/demo"
    assert noted["project"]["about"] == {k: v for k, v in SHARED.items() if k != "publisher"}
    assert noted["tables"]["dpe"]["about"] == SHARED | {
        "title": "Energy certificates",
        "keywords": ["énergie", "logement"],
        "themes": ["ENER"],
        "frequency": "monthly",
        "temporal": ["2020-01-31", "2021-02-01"],
        "temporal_column": "day",
        "described": {
            "code": {"description": "Code of the commune"},
            "surface": {"measured_in": "m²"},
        },
    }
    assert noted["tables"]["shapes"]["about"] == SHARED | {
        "homepage": "https://shapes.example/",
        "temporal": ["2014-01-01", "2016-03-31"],
    }
    assert said(config, noted).applied(noted, config.project) == noted, "once"


def test_words_that_are_taken_back_go():
    config, manifest = config_of(), manifest_of()
    noted = said(config, manifest).applied(manifest, config.project)
    fewer = config_of({"themes": [], "columns": {}, "temporal": ""})
    about = said(fewer, noted).applied(noted, fewer.project)["tables"]["dpe"]["about"]
    assert not about.keys() & {"themes", "described", "temporal"}


def test_entries_of_others_keep_their_words():
    others = DPE | {"project": "other", "about": {"title": "Theirs"}}
    config, manifest = config_of(), manifest_of(dpe=others)
    noted = said(config, manifest).applied(manifest, config.project)
    assert noted["tables"]["dpe"]["about"] == {"title": "Theirs"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"columns": {"surfce": {"measured_in": "m²"}}},
            "sources.dpe.columns.surfce: it is described, and the published table has no such "
            "column\n  → did you mean `surface`? Its columns: code, day, at, n, surface, price, "
            "tags",
        ),
        (
            {"temporal": {"column": "days"}},
            "sources.dpe.temporal.column: the published table has no column `days`\n  → did you "
            "mean `day`? Its columns: code, day, at, n, surface, price, tags",
        ),
        (
            {"temporal": {"column": "n"}},
            "sources.dpe.temporal.column: `n` holds no dates, its type is int64\n  → name a column "
            "of dates, or write the period: `2019/2023-06`",
        ),
    ],
)
def test_words_for_what_is_not_there_are_refused(change, words):
    with pytest.raises(DiffusionError) as caught:
        said(config_of(change), manifest_of())
    assert words_of(caught.value) == words


SPREAD = {"from": "2013-01-30", "to": "2021-02-16", "counts": [5]}


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"min": "1968-03-01", "max": "2021-06-30"}, ""),
        ({"min": "2000-01-01", "max": "2021-06-30", "spread": SPREAD}, ""),
        (
            {
                "min": "2021-02-01",
                "max": "2021-11-30",
                "spread": {"from": "2021-03-01", "to": "2021-03-02"},
            },
            "",
        ),
        ({}, ""),
        ({"min": "2020-01-01", "max": "${DAY}"}, ""),
        (
            {"min": "1899-12-30", "max": "2021-06-30"},
            "`day` goes from 1899-12-30 to 2021-06-30",
        ),
        (
            {"min": "2013-01-01T00:00:00", "max": "9999-12-31T23:59:59"},
            "`day` goes from 2013-01-01 to 9999-12-31",
        ),
        (
            {"min": "1970-01-01", "max": "2021-06-30", "spread": SPREAD},
            "`day` goes from 1970-01-01 to 2021-06-30, and 98 % of it from 2013-01-30 to 2021-02-16"
            " or so",
        ),
    ],
)
def test_days_that_can_hardly_be_meant_are_no_period(values, why):
    manifest = manifest_of(dpe=DPE | {"values": {"day": values}})
    config = config_of()
    about = said(config, manifest).applied(manifest, config.project)["tables"]["dpe"]["about"]
    assert ("temporal" in about) == (bool(values) and not why and values["max"] != "${DAY}")
    notes = list(coverage_notes(config, {"dpe": manifest["tables"]["dpe"]}))
    assert notes == (
        [
            f"! dpe: the catalogue states no period: {why}; say which values are no day (`nulls` "
            "of the column), or write the period: `temporal: 2013/2021`"
        ]
        if why
        else []
    )


def test_a_period_that_is_declared_is_stated_whatever_the_values():
    odd = DPE | {"values": {"day": {"min": "1899-12-30", "max": "2021-06-30"}}}
    config, manifest = config_of({"temporal": "1850/2021"}), manifest_of(dpe=odd)
    about = said(config, manifest).applied(manifest, config.project)["tables"]["dpe"]["about"]
    assert about["temporal"] == ["1850-01-01", "2021-12-31"]
    assert list(coverage_notes(config, manifest["tables"])) == []
