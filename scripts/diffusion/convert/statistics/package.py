"""The package that reads files of SAS, Stata and SPSS, which only some sources need."""

from pathlib import Path
from typing import Any

from diffusion.errors import DiffusionError, PackageError, StatisticsError

INSTALL = "pip install -r envs/requirements-statistics.txt"
READERS = {
    "sas7bdat": "read_sas7bdat",
    "xpt": "read_xport",
    "dta": "read_dta",
    "sav": "read_sav",
    "por": "read_por",
}
UNTAGGED = ("xpt", "por")  # of which pyreadstat does not tell kinds of missing values apart


class NotInEncoding(ValueError):
    """Text is in another encoding."""


def read_stored(
    path: Path, form: str, encoding: str | None, label: str, **options: object
) -> tuple[Any, Any]:
    """Return a frame of values as they are stored, and what the file says of them.

    Args:
        options: of pyreadstat: which rows.

    Raises:
        NotInEncoding: text is in another one.
        DiffusionError: pyreadstat is not installed, or the file is damaged.
    """
    try:
        import pyreadstat
    except ImportError as error:
        raise not_installed(label, "pyreadstat") from error
    options |= {"disable_datetime_conversion": True}
    if form != "por":  # it has signs of its own
        options["encoding"] = encoding
    if form not in UNTAGGED:
        options["user_missing"] = True
    try:
        frame, meta = getattr(pyreadstat, READERS[form])(str(path), **options)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        if "convert string" in str(error):
            raise NotInEncoding from error
        found = f"cannot be read as {form}: {error}"
        fix = "ask its publisher for a correct file, and set a new `vintage` once it is there"
        raise StatisticsError(label, found, fix) from error
    except UnicodeDecodeError as error:
        raise NotInEncoding from error
    return frame, meta


def not_installed(label: str, package: str) -> DiffusionError:
    """Return the error where a package is not there that only some sources need."""
    found = f"is read by the package {package}, which is not installed"
    return PackageError(label, found, f"install it: `{INSTALL}`")
