"""Words of the configuration as the vocabularies of DCAT-AP have them.

Licences are named as https://spdx.org/licenses does. Frequencies, languages, themes and formats
are of the authority tables of the Publications Office of the European Union.
"""

import re
from dataclasses import dataclass

AUTHORITY = "http://publications.europa.eu/resource/authority/"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"


@dataclass(frozen=True)
class Licence:
    """A licence: its SPDX identifier, its own page."""

    name: str
    url: str


_CC = "https://creativecommons.org/"
# how licences are written: a pattern of the whole text, in small letters
LICENCES = {
    r"(licence ouverte|open licen[cs]e|etalab|lov?)( ?/ ?open licence)?[ -]*(version |v)?2(\.0)?": (
        Licence(
            "etalab-2.0",
            "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
        )
    ),
    r"(licence ouverte|etalab)( ?/ ?open licence)?[ -]*(version |v)?1(\.0)?": Licence(
        "etalab-1.0",
        "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf",
    ),
    r"(odbl|odc-odbl|open database licen[cs]e)[ -]*(v|version )?(1(\.0)?)?": Licence(
        "ODbL-1.0", "https://opendatacommons.org/licenses/odbl/1-0/"
    ),
    r"(odc-by|open data commons attribution licen[cs]e)[ -]*(v|version )?(1(\.0)?)?": Licence(
        "ODC-By-1.0", "https://opendatacommons.org/licenses/by/1-0/"
    ),
    r"(pddl|odc-pddl)[ -]*(v|version )?(1(\.0)?)?": Licence(
        "PDDL-1.0", "https://opendatacommons.org/licenses/pddl/1-0/"
    ),
    r"cc[ -]?0([ -]*1\.0)?": Licence("CC0-1.0", f"{_CC}publicdomain/zero/1.0/"),
    r"cc[ -]by[ -]*4\.0": Licence("CC-BY-4.0", f"{_CC}licenses/by/4.0/"),
    r"cc[ -]by[ -]sa[ -]*4\.0": Licence("CC-BY-SA-4.0", f"{_CC}licenses/by-sa/4.0/"),
    r"mit( licen[cs]e)?": Licence("MIT", "https://opensource.org/license/mit"),
}


def licence_of(text: str) -> Licence | None:
    """Return a licence that is known by how it is written; None for any other."""
    written = " ".join(text.lower().split())
    return next((known for way, known in LICENCES.items() if re.fullmatch(way, written)), None)


FREQUENCIES = {
    "continuous": "CONT",
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "monthly": "MONTHLY",
    "quarterly": "QUARTERLY",
    "semiannual": "ANNUAL_2",
    "annual": "ANNUAL",
    "biennial": "BIENNIAL",
    "irregular": "IRREG",
    "never": "NEVER",
}
LANGUAGES = {
    "bg": "BUL", "cs": "CES", "da": "DAN", "de": "DEU", "el": "ELL", "en": "ENG", "es": "SPA",
    "et": "EST", "fi": "FIN", "fr": "FRA", "ga": "GLE", "hr": "HRV", "hu": "HUN", "it": "ITA",
    "lt": "LIT", "lv": "LAV", "mt": "MLT", "nl": "NLD", "pl": "POL", "pt": "POR", "ro": "RON",
    "sk": "SLK", "sl": "SLV", "sv": "SWE",
}  # fmt: skip
THEMES = {
    "AGRI": "Agriculture, fisheries, forestry and food",
    "ECON": "Economy and finance",
    "EDUC": "Education, culture and sport",
    "ENER": "Energy",
    "ENVI": "Environment",
    "GOVE": "Government and public sector",
    "HEAL": "Health",
    "INTR": "International issues",
    "JUST": "Justice, legal system and public safety",
    "REGI": "Regions and cities",
    "SOCI": "Population and society",
    "TECH": "Science and technology",
    "TRAN": "Transport",
}
# of files, by how their names end
FORMATS = {
    "parquet": "PARQUET", "csv": "CSV", "png": "PNG", "svg": "SVG", "json": "JSON",
    "geojson": "GEOJSON", "zip": "ZIP", "shp": "SHP", "xlsx": "XLSX", "xls": "XLS", "ods": "ODS",
    "xml": "XML", "txt": "TXT", "gpkg": "GPKG", "kml": "KML",
}  # fmt: skip
