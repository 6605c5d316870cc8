"""Real servers of databases on this machine, each in a folder and on a port of its own.

PostgreSQL and MariaDB refuse to run as root: then they run as the users of Debian's packages
(`apt-get install --no-install-recommends postgresql mariadb-server`).
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pymysql

LOGIN, PASSWORD = "reader", "pässword/with:signs@"


def find(name: str) -> str | None:
    """Return the path of a program: PostgreSQL's stand in no folder of PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(versions[-1]) if versions else None)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Server:
    """A server of this machine, in a folder that is removed at the end."""

    user: str

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="database-"))
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user, self.user)

    def __enter__(self):
        try:
            self.make()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command: str, **options) -> list[str]:
        """Return a command as the server's user runs it."""
        if os.geteuid() != 0:
            return list(command)
        identity = [f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
        return ["setpriv", *identity, *command]

    def call(self, *command: str) -> None:
        done = subprocess.run(
            self.run(*command), cwd=self.folder, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        log = (self.folder.parent / f"{self.folder.name}.log").open("w")
        with log:
            self.process = subprocess.Popen(
                self.run(*self.command), cwd=self.folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 30
        while not self.answers():
            said = Path(log.name).read_text("utf-8", "replace")
            assert self.process.poll() is None and time.monotonic() < deadline, said
            time.sleep(0.1)
        Path(log.name).unlink()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM if self.user == "mysql" else signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Postgres(Server):
    """PostgreSQL with a role that may read, and must say its password."""

    user = "postgres"

    def make(self) -> None:
        initdb = find("initdb") or "initdb"
        self.call(initdb, "-D", "data", "-U", "admin", "-A", "trust", "-E", "UTF8", "--no-sync")
        rules = "local all all trust\nhost all admin 127.0.0.1/32 trust\n"
        (self.folder / "data/pg_hba.conf").write_text(
            rules + "host all all 127.0.0.1/32 scram-sha-256\n"
        )

    @property
    def command(self) -> list[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "max_connections": 20,
        }
        given = [f"-c{name}={value}" for name, value in options.items()]
        return [find("postgres") or "postgres", "-D", str(self.folder / "data"), *given]

    @property
    def url(self) -> str:
        return f"postgresql://127.0.0.1:{self.port}/postgres"

    @property
    def environment(self) -> dict[str, str]:
        return {"PGUSER": LOGIN, "PGPASSWORD": PASSWORD}

    def answers(self) -> bool:
        try:
            self.admin("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def make_reader(self) -> None:
        self.admin(
            f"CREATE ROLE {LOGIN} LOGIN PASSWORD '{PASSWORD}'",
            f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {LOGIN}",
        )

    def admin(self, *statements: str) -> list:
        """Do something as the owner of the base, and return the rows of the last statement."""
        with psycopg.connect(self.url, user="admin", autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


class MariaDb(Server):
    """MariaDB with a user who may read one base, and must say the password."""

    user = "mysql"

    def make(self) -> None:
        install = find("mariadb-install-db") or "mariadb-install-db"
        data = f"--datadir={self.folder}/data"
        (self.folder / "data").mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder / "data", self.user, self.user)
        self.call(
            install, "--no-defaults", data, "--skip-test-db",
            "--auth-root-authentication-method=normal",
        )  # fmt: skip

    @property
    def command(self) -> list[str]:
        return [
            find("mariadbd") or "mariadbd", "--no-defaults", f"--datadir={self.folder}/data",
            f"--socket={self.folder}/socket", f"--port={self.port}", "--bind-address=127.0.0.1",
            "--innodb-flush-log-at-trx-commit=0", "--character-set-server=utf8mb4",
            f"--pid-file={self.folder}/pid",
        ]  # fmt: skip

    @property
    def url(self) -> str:
        return f"mariadb://127.0.0.1:{self.port}/base"

    @property
    def environment(self) -> dict[str, str]:
        return {"MYSQL_USER": LOGIN, "MYSQL_PWD": PASSWORD}

    def answers(self) -> bool:
        try:
            self.admin("CREATE DATABASE IF NOT EXISTS base", base=None)
        except pymysql.OperationalError:
            return False
        return True

    def make_reader(self) -> None:
        self.admin(
            f"CREATE USER '{LOGIN}'@'%' IDENTIFIED BY '{PASSWORD}'",
            f"GRANT SELECT ON base.* TO '{LOGIN}'@'%'",
        )

    def admin(self, *statements: str, base: str | None = "base") -> list:
        """Do something as root, and return the rows of the last statement."""
        connection = pymysql.connect(
            unix_socket=f"{self.folder}/socket", user="root", charset="utf8mb4", autocommit=True,
            database=base,
        )  # fmt: skip
        with connection, connection.cursor() as cursor:
            for statement in (
                ["USE base", *statements] if "CREATE DATABASE" not in statements[0] else statements
            ):
                cursor.execute(statement)
            return list(cursor.fetchall())
