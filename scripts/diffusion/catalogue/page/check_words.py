"""What a check found, in French: the sentences of ``diffusion.check``, whole, or none of them."""

import re
from collections.abc import Mapping

from diffusion.catalogue.page.words import NARROW
from diffusion.check.outcome import Words, failure_words

FRENCH = Words(
    colon="\u00a0: ",
    row="ligne {row}",
    record="enregistrement {row} de {file}",
    result="ligne {row} de son résultat",
    times="{count} fois, d’abord ",
    thousands=NARROW,
)
N = r"([\d,]+)"
# the whole of a sentence: the same in French
FOUND = {
    rf"{N} of {N} rows (?:are|is) duplicated": "lignes en double : {0} sur {1}",
    rf"{N} of {N} rows (?:are|is) duplicated \({N} repeated keys?\)": (
        "lignes en double : {0} sur {1} (clés répétées : {2})"
    ),
    rf"{N} of {N} values (?:are|is) missing": "valeurs manquantes : {0} sur {1}",
    rf"{N} of {N} values (?:are|is) not among: (.*)": (
        "valeurs hors de la liste : {0} sur {1} ({2})"
    ),
    rf"{N} of {N} values (?:are|is) outside (\[.*\])": "valeurs hors de {2} : {0} sur {1}",
    rf"{N} of {N} values (?:do|does) not match (`.*`)": (
        "valeurs qui ne suivent pas {2} : {0} sur {1}"
    ),
    rf"{N} of {N} values (?:do|does) not exist in (.*?)": "valeurs absentes de {2} : {0} sur {1}",
    rf"{N} of {N} values (?:do|does) not exist in (.*) \({N} distinct\)": (
        "valeurs absentes de {2} : {0} sur {1} (distinctes : {3})"
    ),
    rf"{N} of {N} rows (?:do|does) not fulfil (`.*`)": (
        "lignes qui ne remplissent pas {2} : {0} sur {1}"
    ),
    rf"its query gives {N} rows?": "lignes que donne sa requête : {0}",
    rf"the table has {N} rows?": "lignes du tableau : {0}",
    rf"the table has {N} rows?; at least {N} wanted": (
        "lignes du tableau : {0} ; au moins {1} attendues"
    ),
    rf"the table has {N} rows?; at most {N} wanted": (
        "lignes du tableau : {0} ; au plus {1} attendues"
    ),
    "the column is there": "la colonne est présente",
    "no value is recorded as unreadable": "aucune valeur n’est notée comme illisible",
    rf"{N} of {N} values could not be read as the column's type \(at most (\S+)% may\)": (
        "valeurs illisibles selon le type de la colonne : {0} sur {1} (au plus {2} %)"
    ),
    rf"{N} of {N} geometries (?:are|is) not valid": "géométries non valides : {0} sur {1}",
    rf"{N} of {N} geometries (?:are|is) not valid; {N} of {N} that were repaired changed .*": (
        "géométries non valides : {0} sur {1} ; réparées : {3}, dont {2} d’une surface qui a "
        "changé de plus de 1 %"
    ),
    rf"{N} of {N} rows (?:are|is) without a geometry": "lignes sans géométrie : {0} sur {1}",
    rf"{N} of {N} rows (?:are|is) without a geometry \(at most (\S+)% may be: .*\)": (
        "lignes sans géométrie : {0} sur {1} (au plus {2} %)"
    ),
    rf"{N} of {N} rows (?:are|is) without a geometry \(none is expected: .*\)": (
        "lignes sans géométrie : {0} sur {1}"
    ),
    rf"{N} records? stands? on two pages next to each other, .*": (
        "enregistrements présents sur deux pages qui se suivent : {0}"
    ),
    rf"{N} records? stands? on two pages that are not next to each other, .*": (
        "enregistrements présents sur deux pages éloignées : {0}"
    ),
    "no version is published that it could be compared with": (
        "aucune version publiée ne permet la comparaison"
    ),
}


def french_words(result: Mapping) -> str:
    """Return what a check found; empty where a sentence has no French."""
    found = _french(result["found"])
    return failure_words({**result, "found": found}, FRENCH) if found else ""


def _french(found: str) -> str:
    for pattern, words in reversed(FOUND.items()):  # the longer ones follow
        if match := re.fullmatch(pattern, found, re.DOTALL):
            spaced = words.replace(" :", "\u00a0:").replace(" ;", f"{NARROW};")
            return spaced.replace(" %", f"{NARROW}%").format(*map(_number, match.groups()))
    return ""


def _number(text: str) -> str:
    if re.fullmatch(r"\d+\.\d+", text):
        return text.replace(".", ",")
    return text.replace(",", NARROW) if re.fullmatch(N, text) else text
