"""What all tests of conversions are given."""

import pytest

from conversions import Converter


@pytest.fixture
def converter(tmp_path) -> Converter:
    return Converter(tmp_path)
