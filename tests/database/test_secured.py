"""PostgreSQL with TLS: used, and its certificate verified, as the URL says."""

import os
import shutil

import pytest

from certificates import Authority
from diffusion.errors import DiffusionError

pytestmark = pytest.mark.database
QUERY = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@pytest.fixture
def authority(postgres, tmp_path):
    """Who vouches for the certificate of the server, which takes TLS for as long as a test."""
    found = Authority(tmp_path / "authority")
    for path, name in zip(found.issue("127.0.0.1"), ("server.crt", "server.key"), strict=True):
        target = postgres.folder / "data" / name
        shutil.copy(path, target)
        target.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(target, postgres.user, postgres.user)
    postgres.admin("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()")
    yield found
    postgres.admin("ALTER SYSTEM SET ssl = off", "SELECT pg_reload_conf()")


def test_a_certificate_is_verified_as_the_url_says(postgres, authority, tables_of, tmp_path):
    verified = f"{postgres.url}?sslmode=verify-full&sslrootcert="
    for number, url in enumerate(
        (f"{postgres.url}?sslmode=require", f"{verified}{authority.certificate}")
    ):
        tables = tables_of(postgres, str(number))
        tables.base["url"] = url
        assert tables.table(query=QUERY)["ssl"].to_pylist() == [True]
    other = Authority(tmp_path / "other").certificate
    host = verified.replace("127.0.0.1", "localhost") + str(authority.certificate)
    refused = (f"{verified}{other}", f"{verified}{tmp_path / 'none.crt'}", host)
    for number, url in enumerate(refused):
        tables = tables_of(postgres, f"refused {number}")
        tables.base["url"] = url
        with pytest.raises(DiffusionError, match="certificate") as caught:
            tables.fetch(query=QUERY)
        assert "`sslrootcert=` in the URL" in caught.value.fix


def test_a_server_without_tls_is_told(postgres, tables_of):
    tables = tables_of(postgres)
    tables.base["url"] = f"{postgres.url}?sslmode=require"
    with pytest.raises(DiffusionError, match="does not support SSL") as caught:
        tables.table(query=QUERY)
    assert "`sslmode`" in caught.value.fix
