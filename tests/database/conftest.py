"""One PostgreSQL and one MariaDB for the session, and tables made of what they hold."""

from collections.abc import Callable, Iterator

import pytest

from database_servers import MariaDb, Postgres, find
from database_tables import Tables


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """PostgreSQL; a machine that is asked for it and has none fails."""
    if not find("postgres"):
        pytest.fail("there is no PostgreSQL: apt-get install postgresql")
    with Postgres() as server:
        server.make_reader()
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """MariaDB; a machine that is asked for it and has none fails."""
    if not find("mariadbd"):
        pytest.fail("there is no MariaDB: apt-get install mariadb-server")
    with MariaDb() as server:
        server.make_reader()
        yield server


@pytest.fixture
def tables_of(tmp_path, monkeypatch) -> Callable[..., Tables]:
    """Make tables of a server, as the role that may read: ``tables_of(server)``."""

    def make(server: Postgres | MariaDb, folder: str = "tables") -> Tables:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        (tmp_path / folder).mkdir()
        return Tables(tmp_path / folder, {"url": server.url})

    return make
