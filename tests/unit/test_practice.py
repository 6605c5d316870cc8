"""The servers of docs/tutorial.md: started by one command, and told how they are reached."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import practice
from projects import REPOSITORY
from standins.server import Standins


def test_it_prints_what_to_type_and_serves(tmp_path: Path):
    command = [sys.executable, str(REPOSITORY / "scripts" / "practice.py"), "--port", "0"]
    command += ["--folder", str(tmp_path / "s3")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            lines = [process.stdout.readline().rstrip() for _ in range(8)]
            told = dict(line.removeprefix("export ").split("=", 1) for line in lines[1:-1])
            assert told["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
            assert len(told["AWS_SECRET_ACCESS_KEY"]) == 40
            url = lines[0].partition("answer at ")[2].partition(";")[0]
            with urllib.request.urlopen(f"{url}/files/communes.csv") as answer:
                assert answer.read(4) == b"code"
            assert (tmp_path / "s3" / "my-bucket").is_dir()
        finally:
            process.terminate()
    assert process.returncode == 0


def test_a_port_that_is_taken_is_told(tmp_path: Path, capsys):
    with Standins() as server:
        port = server.url.rpartition(":")[2]
        assert practice.main(["--port", port, "--folder", str(tmp_path)]) == 1
    assert f"port {port}: Address already in use\n  → " in capsys.readouterr().err
