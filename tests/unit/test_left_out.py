"""What `make test` leaves out is said at its end, though the processes of pytest-xdist collect."""

import subprocess
import sys

from projects import REPOSITORY


def test_what_is_left_out_is_said():
    command = [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider"]
    command += ["-m", "not slow", "tests/unit/convert/test_stages_memory.py"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    words = "4 slow tests were left out: `make test-all` runs them, too"
    assert words in done.stdout, done.stdout + done.stderr
