"""Runs a command, and prints what it and all that it started took.

    python -m bench.ran COMMAND…

Only the standard library is imported: a process' peak memory begins with its parent's. The path by
which Python finds this module is not the command's.
"""

import json
import os
import resource
import subprocess
import sys
import time

from bench.worker import RESULT


def main(command: list[str]) -> int:
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    begun = time.perf_counter()
    done = subprocess.run(command, env=own, check=False)
    seconds, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = {"time": seconds, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}
    print(RESULT + json.dumps(spent), flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
