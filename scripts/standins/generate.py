"""What the stand-ins serve, in one place: each function is deterministic and needs no network."""

from standins.contours import departements_zip
from standins.dpe import dpe_rows
from standins.filosofi import filosofi_csv

__all__ = ["departements_zip", "dpe_rows", "filosofi_csv"]
