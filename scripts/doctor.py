"""`make doctor`: is everything there that a run needs? One line each, with the remedy.

python scripts/doctor.py [CONFIG.yaml …]     config/config.yaml by default; later files win
"""

import sys
from pathlib import Path

import yaml
from snakemake.utils import update_config

from diffusion.base.trust import trust_one_file
from diffusion.config.resolve import resolve_config
from diffusion.errors import DiffusionError
from diffusion.run.doctor import examine


def main(files: list[str]) -> int:
    paths = [Path(file) for file in files or ["config/config.yaml"]]
    trust_one_file()
    config: dict = {}
    for path in paths:
        update_config(config, yaml.safe_load(path.read_text("utf-8")) or {})
    try:
        resolved = resolve_config(config, paths)
        print("✓ configuration: no error")
        wrong = 0
        for finding in examine(resolved):
            print(finding, flush=True)
            wrong += finding.well is False
    except DiffusionError as error:
        print(f"✗ {error}")
        return 1
    print("\nAll is well." if not wrong else f"\n{wrong} to mend.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
