"""The schema that a file's first line names: editors complete keys and mark mistakes by it.

Tried once with yaml-language-server 2.0 itself: completion, hover and marks work. This
reads the schema as such a server does: without this project's own code.
"""

import re

import pytest
import yaml
from jsonschema import Draft202012Validator

from projects import REPOSITORY, chapter_config

EXAMPLES = sorted((REPOSITORY / "config" / "examples").glob("*.yaml"))
EXAMPLES += [REPOSITORY / "config" / "sspcloud.yaml"]
TEXT = (REPOSITORY / "workflow" / "schemas" / "config.schema.yaml").read_text("utf-8")
SCHEMA = yaml.safe_load(TEXT)
VALIDATOR = Draft202012Validator(SCHEMA)


def test_it_is_a_schema_of_the_draft_that_it_names():
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(SCHEMA)
    # what servers that read YAML 1.2, or draft 7, do not follow
    assert not re.search(r"<<:|\$ref:|\$defs:|unevaluated|prefixItems", TEXT)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_is_marked_in_a_file_of_several(path):
    """An example has no project, and a file that is laid over another has no sources."""
    assert list(VALIDATOR.iter_errors(yaml.safe_load(path.read_text("utf-8")))) == []


def test_the_worked_example_is_valid():
    assert list(VALIDATOR.iter_errors(chapter_config("https://example.org"))) == []


def test_a_mistake_is_marked_where_it_is():
    config = chapter_config("https://example.org")
    config["sources"]["departements"]["membr"] = "*.shp"
    (error,) = VALIDATOR.iter_errors(config)
    assert list(error.absolute_path) == ["sources", "departements"]
    assert "'membr'" in error.message
