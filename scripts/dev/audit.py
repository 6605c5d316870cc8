"""`make audit`: is the code free of known dangers, and is what is locked exact and safe?

bandit reads the code (its settings stand in pyproject.toml); every locked requirement must be exact
and have hashes; pip-audit asks its service for known vulnerabilities, where it can be reached.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKS = sorted(path.relative_to(ROOT) for path in ROOT.glob("envs/requirements*.txt"))
EXACT = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w,-]+\])?==[\w.!+]+( ; .+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host")


def main() -> int:
    wrong = _run("-m", "bandit", "-q", "-r", "scripts", "-c", "pyproject.toml").returncode
    for lock in LOCKS:
        for problem in lock_problems((ROOT / lock).read_text("utf-8")):
            print(f"✗ {lock}: {problem}")
            wrong = 1
        wrong = _vulnerable(lock) or wrong
    print("All is well." if not wrong else "See above.")
    return 1 if wrong else 0


def lock_problems(text: str) -> Iterator[str]:
    """Yield what makes a lock inexact: no version, no hash, an address."""
    for entry in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        if not entry or entry.startswith("#"):
            continue
        requirement = entry.partition(" --hash=")[0].strip()
        if ADDRESS.search(entry):
            yield f"an address: {entry[:80]}"
        elif not EXACT.fullmatch(requirement):
            yield f"not exact: {requirement[:80]}"
        elif not HASH.search(entry):
            yield f"without hash: {requirement}"


def _vulnerable(lock: str) -> int:
    """Ask for known vulnerabilities; where nobody answers, say so and go on."""
    done = _run(
        *("-m", "pip_audit", "-r", lock, "--require-hashes", "--disable-pip", "--no-deps"),
        *("--progress-spinner", "off", "--timeout", "10", "--format", "json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except ValueError:
        found = []
    asked = [entry for entry in found if "vulns" in entry]
    if not asked:
        print(f"· {lock}: not asked for known vulnerabilities: pip-audit reaches no service here")
    for entry in asked:
        for known in entry["vulns"]:
            fixed = ", ".join(known["fix_versions"]) or "no version yet"
            print(f"✗ {lock}: {entry['name']} {entry['version']}: {known['id']}, fixed in {fixed}")
    return int(any(entry["vulns"] for entry in asked))


def _run(*arguments: str, **settings: int) -> subprocess.CompletedProcess:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False, text=True, **settings)


if __name__ == "__main__":
    sys.exit(main())
