"""Codes that look like numbers: known by the names of their columns, or by their check digit.

Whether a column is text must not depend on the rows of the day: a SIRET, a code of a commune or of
a département is one in every vintage.
"""

import re
import unicodedata
from collections.abc import Iterable

# names, or how names begin or end: a part of one, between blanks, signs and changes of case
ALONE = frozenset(
    "siret siren nic insee codgeo depcom codcom depcode comcode codepostal codecommune codeinsee "
    "codedepartement coderegion finess nofinesset nofinessej uai rne rna iris naf ape nuts nuts2 "
    "nuts3 lau cog epci iban bic isbn issn ean gtin nir code codes cod cd nace coicop cpf cpa isic "
    "citi sitc "
    # of other countries: post, communes and districts, firms, goods
    "zip zipcode postcode postalcode postnr postnummer plz psc fips statefp countyfp geoid tractce "
    "zcta cbsa naics cusip ndc cik istat procom dicofre teryt ags gemeindeschlussel "
    "kreisschlussel gemeentecode refnis niscode kommunekode kommunkod kommunenummer kommunenr "
    "lankod codigo codice kod kode".split()
)
# names that are codes where they are all of it: INSEE's own
WHOLE = frozenset("dep reg com dept departement region commune arr ct canton cp tel".split())
# how names begin that count or measure what the code stands for: nb_siret, taux_iris
MEASURES = frozenset(
    "n nb nbr nbre nombre count cnt total tot sum somme effectif eff pop population taux tx "
    "rate part share pct pourcentage percent ratio proportion densite density surface superficie "
    "aire area moyenne moy mean avg mediane median med ecart evol evolution variation var min max "
    "revenu montant duree score indice anzahl aantal antal antall".split()
)
# others, that stand beside what a code stands for, and with the word `code` itself are codes
OTHERS = frozenset(
    "prix cout valeur depense recette salaire loyer budget age temps distance longueur largeur "
    "hauteur volume poids cumul km km2 ha m2 habitants menages logements "
    # of other countries, whose codes are known as well
    "employees households deaths births persons income amount sales "
    "einwohner bevolkerung haushalte flache anteil summe betrag mittelwert "
    "inwoners bevolking huishoudens oppervlakte aandeel gemiddelde "
    "abitanti popolazione percentuale importo poblacion habitantes hogares porcentaje tasa "
    "promedio importe populacao liczba ludnosc pocet obyvatel befolkning folkemengde".split()
)
# parts of names of what is measured with a point in it: places, and quantities
MEASURED = frozenset(
    "lon lng long longitude lat latitude coord coordinate coordonnee coordx coordy x y z xcoord "
    "ycoord altitude elevation valeur value mesure measure measurement obs observation prix price "
    "cout montant amount taux rate ratio part share pct percent pourcentage score "
    "temperature temp pression debit vitesse speed hauteur height longueur length largeur width "
    "profondeur depth poids weight masse concentration surface superficie area aire densite volume "
    "distance rayon duree moyenne mean avg mediane median ecart std ph km m2 ha mm cm kg mg".split()
)
# of what is numbered with a point in it
NUMBERED = frozenset(
    "version ver v release rev revision edition article art section chapitre chapter paragraphe "
    "paragraph alinea annexe annex rubrique poste numero num number no nr ref reference id item "
    "ligne line niveau level rang rank lot activite nomenclature classification class classe "
    "groupe group mois month periode period".split()
)
# of those what is numbered so in any vintage, whether a number ends in a 0 or not
VERSIONED = frozenset(
    "version release article chapitre chapter paragraphe paragraph alinea".split()
)
GENERIC = frozenset("code codes cod cd codigo codice kod kode".split())
# how such names end: siret_count
COUNTED = frozenset("nb nombre count total anzahl aantal antal antall".split())
ENDS = (MEASURES | OTHERS) - {"n", "sum", "med", "min", "max", "score", "indice"}  # insee_pop
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d*|\d+")
LENGTHS = (9, 14)  # digits of a SIREN and of a SIRET
MANY = 3  # values with a right check digit that are not there by chance: one number in ten has it


def is_code(name: str) -> bool:
    """Whether a column of this name holds codes: it is a code's, or begins or ends with one."""
    parts = parts_of(name)
    if "".join(parts) in ALONE | WHOLE:
        return True
    is_measure = bool(parts) and (_is_one(parts[0], MEASURES) or _is_one(parts[-1], COUNTED))
    if parts and GENERIC.isdisjoint((parts[0], parts[-1])):
        is_measure |= _is_one(parts[0], OTHERS) or _is_one(parts[-1], ENDS)
    while parts and parts[-1].isdecimal():  # a year, as in CODGEO_2021
        parts.pop()
    return not is_measure and not ALONE.isdisjoint([*parts[:1], *parts[-1:]])


def is_measured(name: str) -> bool:
    """Whether a column of this name holds what is measured, and written with a point."""
    parts = parts_of(name)
    return any(_is_one(part, MEASURED) for part in (*parts[:1], *parts[-1:]))


def is_numbered(name: str) -> bool:
    """Whether a column of this name holds numbers of versions, of parts of a text or of classes."""
    parts = parts_of(name)
    return any(_is_one(part, NUMBERED) for part in (*parts[:1], *parts[-1:]))


def is_version(name: str) -> bool:
    """Whether a column of this name holds numbers of versions, or of parts of a text."""
    parts = parts_of(name)
    ends = (*parts[:1], *parts[-1:])
    return any(_is_one(part, VERSIONED) for part in ends) and not is_measured(name)


def is_named(name: str, words: frozenset[str], *, before_numbers: bool = False) -> bool:
    """Whether a name begins or ends with one of some words.

    Args:
        before_numbers: what it ends with stands before numbers, as the year of ``date_2021``.
    """
    parts = parts_of(name)
    while before_numbers and parts and parts[-1].isdecimal():
        parts.pop()
    return not words.isdisjoint([*parts[:1], *parts[-1:]])


def parts_of(name: str) -> list[str]:
    """Return the parts of a name: between blanks, signs and changes of case."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return [part.lower() for part in PARTS.findall(plain)]


def _is_one(part: str, words: frozenset[str]) -> bool:
    """Whether a part of a name is one of some words, or the plural of one."""
    return part in words or part.rstrip("sx") in words


def are_identifiers(values: Iterable[str | None]) -> bool:
    """Whether values are all SIREN or SIRET, by their length and Luhn's check digit.

    Source of the formula: ISO/IEC 7812-1, annex B.
    """
    given = [value for value in values if value is not None]
    return len(given) >= MANY and all(map(_is_identifier, given))


def identifiers_sql(value: str) -> str:
    """Return an aggregate: is every value a SIREN or a SIRET? As ``are_identifiers``."""
    lengths = ", ".join(map(str, LENGTHS))
    digits = f"[x::INT FOR x IN string_split({value}, '')]"
    doubled = f"list_transform({digits}, lambda d, i: CASE WHEN (len({value}) - i) % 2 = 1 "
    doubled += "THEN d * 2 - CASE WHEN d > 4 THEN 9 ELSE 0 END ELSE d END)"
    right = f"len({value}) IN ({lengths}) AND list_sum({doubled}) % 10 = 0"
    return f"bool_and({right}) FILTER (WHERE {value} IS NOT NULL)"


def _is_identifier(value: str) -> bool:
    if len(value) not in LENGTHS or not value.isdecimal():
        return False
    digits = [int(digit) for digit in reversed(value)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
