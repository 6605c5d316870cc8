"""Runs one function of a row's module in a process of its own, and prints what it cost.

    python -m bench.worker MODULE FUNCTION [ARGUMENT…]

Only the standard library is imported here: what a contender imports is part of what it costs.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path

RESULT = "bench result: "


def peak_mib() -> int:
    """Return the peak memory of this process itself (``ru_maxrss`` begins with the parent's)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def main(module: str, function: str, *arguments: str) -> None:
    begun = time.perf_counter()
    facts = getattr(importlib.import_module(f"bench.{module}"), function)(*arguments) or {}
    facts |= {"work": time.perf_counter() - begun, "peak": peak_mib()}
    print(RESULT + json.dumps(facts), flush=True)
    os._exit(0)  # pyarrow's threads that still read a file of s3fs abort an interpreter that ends


if __name__ == "__main__":
    main(*sys.argv[1:])
