"""The package that reads files of SAS, Stata and SPSS, which only some sources need."""

from collections.abc import Callable

from diffusion.errors import DiffusionError, PackageError

INSTALL = "pip install -r envs/requirements-statistics.txt"
READERS = {
    "sas7bdat": "read_sas7bdat",
    "xpt": "read_xport",
    "dta": "read_dta",
    "sav": "read_sav",
    "por": "read_por",
}


def reader_of(form: str, label: str) -> Callable:
    """Return the function of pyreadstat that reads a format.

    Raises:
        DiffusionError: it is not installed.
    """
    try:
        import pyreadstat
    except ImportError as error:
        raise not_installed(label, "pyreadstat") from error
    reader: Callable = getattr(pyreadstat, READERS[form])
    return reader


def not_installed(label: str, package: str) -> DiffusionError:
    """Return the error where a package is not there that only some sources need."""
    found = f"is read by the package {package}, which is not installed"
    return PackageError(label, found, f"install it: `{INSTALL}`")
