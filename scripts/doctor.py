"""`make doctor`: another spelling of `diffusion doctor`, which needs no installed command.

python scripts/doctor.py [CONFIG.yaml …]     laid over config/config.yaml; later files win
"""

import sys
from pathlib import Path

from diffusion.run.cli import main

if __name__ == "__main__":
    sys.exit(main(["doctor", *sys.argv[1:]], Path()))
