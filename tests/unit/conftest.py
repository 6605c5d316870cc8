"""What holds for every unit test."""

from collections.abc import Iterator

import pytest

from counting_proxy import CountingProxy
from diffusion.fetch import end, looked_again, page_checks


class Every:
    """All sources: of each, it is known how its pages count."""

    def __contains__(self, name: object) -> bool:
        return True

    def add(self, name: object) -> None:
        """It is there already."""


@pytest.fixture(autouse=True)
def starts_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The requests that show how a server counts, once a source, have tests of their own."""
    monkeypatch.setattr(page_checks, "STARTS_KNOWN", Every())
    monkeypatch.setattr(end, "COUNTS_ON", Every())
    monkeypatch.setattr(looked_again, "FREE", 0)
    monkeypatch.setattr(looked_again, "SHARE", 0)


@pytest.fixture
def proxy(s3, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingProxy]:
    """The way to the S3 server; the environment names it, as a user's does."""
    with CountingProxy(s3.endpoint) as way:
        for name, value in s3.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", way.endpoint)
        yield way
