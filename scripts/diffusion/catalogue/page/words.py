"""The words of the page, in French and in English, and how each writes numbers."""

import re
from collections.abc import Mapping

# key: English, French
_WORDS = {
    "accepted": ("accepted", "accepté"),
    "address": ("Address", "Adresse"),
    "all": ("All tables and figures", "Tous les tableaux et figures"),
    "approximate": ("about", "environ"),
    "became": ("became", "devient"),
    "changed": ("keys with other values", "clés aux valeurs modifiées"),
    "added": ("keys added", "clés ajoutées"),
    "removed_keys": ("keys removed", "clés supprimées"),
    "changes": ("Changes", "Changements"),
    "changed_on": ("Changed", "Modifié le"),
    "check": ("Check", "Contrôle"),
    "check_failed": ("failed", "échec"),
    "checks": ("Checks", "Contrôles"),
    "checks_none": (
        "All that is declared holds; the details are not kept here.",
        "Tout ce qui est déclaré est vérifié ; le détail n’est pas conservé ici.",
    ),
    "checks_warned": (
        "Some checks warned; the details are not kept here.",
        "Des contrôles ont averti ; le détail n’est pas conservé ici.",
    ),
    "cite": ("How to cite", "Comment citer"),
    "cite_all": ("To cite all that is published here", "Pour citer l’ensemble"),
    "cite_message": (
        "To cite these data, use what is said here.",
        "Pour citer ces données, reprenez ce qui est dit ici.",
    ),
    "cpu": ("Processor, s", "Processeur, s"),
    "code": ("Read it", "Lire les données"),
    "code_here": (
        "Paths are relative to the folder of index.html.",
        "Les chemins sont relatifs au dossier de index.html.",
    ),
    "keyless": ("without an account", "sans compte"),
    "code_keys": (
        "Keys are read from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, of "
        "temporary ones, AWS_SESSION_TOKEN.",
        "Les clés sont lues dans l’environnement : AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY et, si "
        "elles sont temporaires, AWS_SESSION_TOKEN.",
    ),
    "column": ("Column", "Colonne"),
    "columns": ("Columns", "Colonnes"),
    "contact": ("Contact", "Contact"),
    "copied": ("Copied", "Copié"),
    "copy_it": ("Copy", "Copier"),
    "crs": ("Coordinate system", "Système de coordonnées"),
    "data": ("data set", "jeu de données"),
    "description": ("Description", "Description"),
    "distinct": ("Distinct values", "Valeurs distinctes"),
    "doubt_change": (
        "{source} ({licence}) does not allow to publish what is derived from it",
        "{source} ({licence}) n’autorise pas la diffusion de ce qui en est dérivé",
    ),
    "doubt_sale": (
        "{source} ({licence}) allows no commercial use, {own} does",
        "{source} ({licence}) interdit l’usage commercial, {own} l’autorise",
    ),
    "doubt_same": (
        "{source} ({licence}) asks for the same licence, not {own}",
        "{source} ({licence}) exige la même licence, et non {own}",
    ),
    "doubt_stated": (
        "{source} states {licence}, and {own} is declared",
        "{source} indique {licence}, et {own} est déclarée",
    ),
    "doubt_unstated": (
        "the licence of {source} is not stated",
        "la licence de {source} n’est pas précisée",
    ),
    "downloads": ("Downloads", "Téléchargements"),
    "emptied": ("columns without any value", "colonnes sans valeur"),
    "facts": ("Key facts", "En bref"),
    "first_version": ("first version that is noted", "première version notée"),
    "failed": ("warned", "averti"),
    "found": ("What was found", "Constat"),
    "figure": ("Figure", "Figure"),
    "figures": ("Figures", "Figures"),
    "file": ("File", "Fichier"),
    "files_more": ("more files: see", "autres fichiers : voir"),
    "frequency": ("Update frequency", "Fréquence de mise à jour"),
    "geometries": ("Geometries", "Géométries"),
    "homepage": ("Home page", "Page d’accueil"),
    "inputs": ("Made from", "Produit à partir de"),
    "keywords": ("Keywords", "Mots-clés"),
    "licence": ("Licence", "Licence"),
    "job": ("Job", "Tâche"),
    "lineage": ("From what it was made", "De quoi il est fait"),
    "lost": ("columns gone", "colonnes disparues"),
    "machines": ("For machines", "Pour les machines"),
    "map": ("Its geometries", "Ses géométries"),
    "map_outside": ("not shown, as they lie far away", "non affichées, car éloignées"),
    "licences_doubtful": ("Licences to be looked at", "Licences à vérifier"),
    "max": ("Highest", "Maximum"),
    "memory": ("Memory, MB", "Mémoire, Mo"),
    "min": ("Lowest", "Minimum"),
    "missing": ("Missing", "Manquantes"),
    "new": ("new columns", "nouvelles colonnes"),
    "no_checks": ("No check was made.", "Aucun contrôle n’a été fait."),
    "not_published": ("not published", "non publié"),
    "not_stated": ("not stated", "non précisée"),
    "origin": ("Origin", "Origine"),
    "page": ("its page", "sa page"),
    "passed": ("passed", "réussi"),
    "period": ("Period", "Période"),
    "picture": ("Picture", "Image"),
    "published": ("Published", "Publié le"),
    "portal": ("Its portal states", "Son portail indique"),
    "publisher": ("Publisher", "Éditeur"),
    "removed": ("no longer published as", "n’est plus publié sous"),
    "retrieved": ("Retrieved", "Récupéré le"),
    "rows": ("Rows", "Lignes"),
    "row_one": ("row", "ligne"),
    "rows_few": ("rows", "lignes"),
    "run_times": ("Run times", "Durées d’exécution"),
    "run_times_words": (
        "What the last run of each job took.",
        "Ce qu’a demandé la dernière exécution de chaque tâche.",
    ),
    "sample": ("First rows", "Premières lignes"),
    "sample_columns": (
        "Columns shown: {shown} of {all}.",
        "Colonnes affichées : {shown} sur {all}.",
    ),
    "sample_none": (
        "Geometries and bytes are left out; long texts are cut.",
        "Géométries et octets sont omis ; les textes longs sont coupés.",
    ),
    "search": ("Search", "Rechercher"),
    "search_none": ("Nothing is found.", "Aucun résultat."),
    "seconds": ("Time, s", "Durée, s"),
    "size": ("Size", "Taille"),
    "skip": ("Skip to the content", "Aller au contenu"),
    "sort": ("Sort by", "Trier par"),
    "source": ("Source", "Source"),
    "spread": ("Distribution", "Répartition"),
    "spread_most": ("most of them", "le plus souvent"),
    "spread_outside": ("beyond", "au-delà"),
    "spread_sample": ("in a sample of {count} values", "sur un échantillon de {count} valeurs"),
    "table": ("Table", "Tableau"),
    "tables": ("Tables", "Tableaux"),
    "thinned": ("columns that lost most of their values", "colonnes ayant perdu leurs valeurs"),
    "retyped": ("columns of another type", "colonnes d’un autre type"),
    "top": ("Most frequent", "Les plus fréquentes"),
    "type": ("Type", "Type"),
    "unit": ("Unit", "Unité"),
    "values_changed": ("values changed", "valeurs modifiées"),
    "version": ("Version", "Version"),
    "versions_all": ("All versions", "Toutes les versions"),
    "vintage": ("Vintage", "Millésime"),
    "vintages": ("Vintages of its sources", "Millésimes des sources"),
    "warned": ("warned", "avertissement"),
    "words_changed": ("what is said of it changed", "description modifiée"),
    "continuous": ("continuous", "en continu"),
    "daily": ("daily", "quotidienne"),
    "weekly": ("weekly", "hebdomadaire"),
    "monthly": ("monthly", "mensuelle"),
    "quarterly": ("quarterly", "trimestrielle"),
    "semiannual": ("twice a year", "semestrielle"),
    "annual": ("annual", "annuelle"),
    "biennial": ("every two years", "bisannuelle"),
    "irregular": ("irregular", "irrégulière"),
    "never": ("never", "jamais"),
}
LANGUAGES = ("en", "fr")
WORDS: Mapping[str, Mapping[str, str]] = {
    language: {key: words[n] for key, words in _WORDS.items()}
    for n, language in enumerate(LANGUAGES)
}
NARROW = "\u202f"  # no-break space between thousands
UNITS = {"en": ("B", "kB", "MB", "GB", "TB"), "fr": ("o", "ko", "Mo", "Go", "To")}


NUMBERS = ("int", "uint", "float", "double", "halffloat", "decimal")  # as Arrow names types
# what str() and decimals give
NUMBER = re.compile(r"(?P<sign>-?)(?P<whole>\d+)(\.(?P<part>\d+))?(?P<power>e[+-]?\d+)?")
GROUPED = 5  # digits, from which thousands stand apart: 2024 may be a year


def number(value: object, language: str) -> str:
    """Return a number as the language writes it; anything else as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return written(str(value), language)


def written(text: str, language: str) -> str:
    """Return the text of a number as the language writes it; itself where it is none."""
    found = NUMBER.fullmatch(text)
    if not found:
        return text
    apart, point = (NARROW, ",") if language == "fr" else (",", ".")
    whole = found["whole"]
    if len(whole) >= GROUPED:
        whole = f"{int(whole):,}".replace(",", apart)
    part = point + found["part"] if found["part"] else ""
    return f"{found['sign']}{whole}{part}{found['power'] or ''}"


def share(part: int, whole: int, language: str) -> str:
    """Return a share in percent; some is never said to be none, nor all."""
    if not part or not whole:
        return number(0, language) + (f"{NARROW}%" if language == "fr" else "%")
    if part == whole:
        percent: float = 100
    else:
        percent = min(max(round(100 * part / whole, 1), 0.1), 99.9)
    return number(percent, language) + (f"{NARROW}%" if language == "fr" else "%")


def size(count: int, language: str) -> str:
    """Return a number of bytes in the unit that fits."""
    value, power = float(count), 0
    while value >= 999.5 and power < len(UNITS[language]) - 1:
        value, power = value / 1000, power + 1
    rounded = round(value, 1) if power and value < 100 else round(value)
    return f"{number(rounded, language)} {UNITS[language][power]}"
