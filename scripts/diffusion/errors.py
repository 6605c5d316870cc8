"""The errors that users are meant to read, each with a stable code.

The code stands in the message and in docs/troubleshooting.md, which has a section for each.
"""

from typing import ClassVar, Self


class DiffusionError(Exception):
    """A failure explained: where it happened, what was found, what to do.

    Raised as one of the classes below, which say by their code what kind of failure it is.

    Args:
        where: the place as the user knows it: a YAML path, a URL, a file and row.
        found: what was found there, in plain words.
        fix: what to do about it; may span several lines.
    """

    code: ClassVar[str] = ""

    def __init_subclass__(cls, code: str = "") -> None:
        cls.code = code or cls.code

    def __init__(self, where: str, found: str, fix: str = ""):
        self.where, self.found, self.fix = where, found, fix
        super().__init__(str(self))

    def __str__(self) -> str:
        text = f"{self.where}: {_with_code(self.found, self.code)}"
        if self.fix:
            text += "\n  → " + self.fix.replace("\n", "\n    ")
        return text

    def __reduce__(self) -> tuple[type, tuple]:
        return type(self), (self.where, self.found, self.fix)

    def restated(self, where: str = "", found: str = "", fix: str | None = None) -> Self:
        """Return the same error in the words that are given; itself, where none is another one."""
        own = (self.where, self.found, self.fix)
        words = (where or self.where, found or self.found, self.fix if fix is None else fix)
        return self if words == own else type(self)(*words)


def names_of_all() -> set[str]:
    """Return the names of all classes of errors that are loaded."""
    found = [DiffusionError]
    for each in found:
        found += each.__subclasses__()
    return {each.__name__ for each in found}


def _with_code(found: str, code: str) -> str:
    """Put the code at the end of the first line, before the colon of what follows."""
    if not code:
        return found
    first, end, rest = found.partition("\n")
    colon = ":" if first.endswith(":") else ""
    return f"{first.removesuffix(':')} [{code}]{colon}{end}{rest}"


class UsageError(DiffusionError, code="usage"):
    """What was typed cannot be meant."""


class YamlError(DiffusionError, code="yaml"):
    """A configuration file cannot be read, or says a thing twice."""


class OptionError(DiffusionError, code="option"):
    """A key of the configuration is unknown, missing or has a value that it cannot have."""


class NoEffectError(DiffusionError, code="no-effect"):
    """A key is set that changes nothing."""


class NameTakenError(DiffusionError, code="name"):
    """A name is taken, reserved or no name."""


class NoFileError(DiffusionError, code="no-file"):
    """A file that is named is not there."""


class AxisError(DiffusionError, code="axis"):
    """The values of an axis of partitions cannot be had."""


class SecretError(DiffusionError, code="secret"):
    """A secret stands where everybody can read it."""


class VariableError(DiffusionError, code="variable"):
    """A variable of the environment is not set, or holds what it cannot."""


class SqlError(DiffusionError, code="sql"):
    """A condition or a query in SQL cannot be run."""


class OfflineError(DiffusionError, code="offline"):
    """Something would have to be asked, and `offline` is set."""


class UnreachableError(DiffusionError, code="connection"):
    """A server cannot be reached, or the connection broke off."""


class AnswerError(DiffusionError, code="answer"):
    """A server refuses, or answers something else than was asked."""


class RedirectError(DiffusionError, code="redirect"):
    """A server sends on to where the configuration does not allow."""


class PagesError(DiffusionError, code="pages"):
    """The answers of an API are not as `pages:` says."""


class IncompleteError(DiffusionError, code="incomplete"):
    """Not all records came, or nothing tells that they did."""


class MovedError(DiffusionError, code="moved"):
    """What was being read changed meanwhile."""


class DatabaseError(DiffusionError, code="database"):
    """A database cannot be asked."""


class RawCopyError(DiffusionError, code="raw-copy"):
    """A raw copy is of another request, is not whole, or cannot be kept."""


class LockError(DiffusionError, code="lock"):
    """What came is not what the lock or a pin states."""


class TakenDownError(DiffusionError, code="taken-down"):
    """A source was taken down, or cannot be."""


class ArchiveError(DiffusionError, code="archive"):
    """An archive cannot be opened, or its members are not those declared."""


class FileFormatError(DiffusionError, code="format"):
    """A file is damaged, empty, or not of the format that is declared."""


class EncodingError(DiffusionError, code="encoding"):
    """Text is not in its encoding."""


class DialectError(DiffusionError, code="dialect"):
    """Delimiters, quotes or line ends can be read in several ways."""


class HeaderError(DiffusionError, code="header"):
    """Which row names the columns is in doubt."""


class RowsError(DiffusionError, code="rows"):
    """Rows may be none of the table, or some would be lost."""


class ColumnsError(DiffusionError, code="columns"):
    """Columns are missing, come twice, or differ between files."""


class ValuesError(DiffusionError, code="values"):
    """Values do not fit their type, or can be read in several ways."""


class JsonError(DiffusionError, code="json"):
    """JSON is damaged, or has no records where they are declared."""


class XmlDataError(DiffusionError, code="xml"):
    """XML is damaged, or has no rows where they are declared."""


class WorkbookError(DiffusionError, code="workbook"):
    """A workbook cannot be read, or its sheet or cells are in doubt."""


class StatisticsError(DiffusionError, code="statistics"):
    """A file of SAS, SPSS, Stata or R cannot be read."""


class LayerError(DiffusionError, code="layer"):
    """A file of geographic data cannot be read, or its layer is in doubt."""


class GeometryError(DiffusionError, code="geometry"):
    """A geometry cannot be read, or put where it belongs."""


class CrsError(DiffusionError, code="crs"):
    """The reference system is unknown, missing or in doubt."""


class PackageError(DiffusionError, code="package"):
    """A Python package that reads a format is not installed."""


class ChecksError(DiffusionError, code="checks"):
    """Checks failed, and so nothing is published."""


class ChangesError(DiffusionError, code="changes"):
    """What would be published differs too much from what is."""


class StorageError(DiffusionError, code="storage"):
    """The S3 server refuses, or the bucket is not there."""


class PublishedError(DiffusionError, code="published"):
    """What is published is not as its manifest says."""


class OwnershipError(DiffusionError, code="ownership"):
    """What is published there is of another project."""


class BusyError(DiffusionError, code="busy"):
    """Another run is under way, or others keep changing what is published."""


class NotMadeError(DiffusionError, code="not-made"):
    """What is asked for has not been made yet."""


class DamagedError(DiffusionError, code="damaged"):
    """A file that an earlier run left cannot be read."""


class DerivedError(DiffusionError, code="derive"):
    """A derived table cannot be made."""


class SparkError(DiffusionError, code="spark"):
    """Spark is not there, or refuses."""


class MapError(DiffusionError, code="map"):
    """A map cannot be drawn from these values and outlines."""


class PortalError(DiffusionError, code="portal"):
    """A portal's description of a dataset cannot be read."""


class ProposalError(DiffusionError, code="proposal"):
    """An entry for a source cannot be proposed."""


class TemplateError(DiffusionError, code="template"):
    """The project cannot be brought to another version of the template."""


class ClusterError(DiffusionError, code="cluster"):
    """The cluster's programs refuse, or its jobs do not end."""
