"""Energy certificates (`dpe-france`) as data-fair serves them, generated commune by commune.

Deterministic: the code of the commune is the only seed. What is unpleasant in the real data is
here too, in about the real proportions: absent keys, noise classes, sentinel dates, impossible
years and surfaces, and addresses that lie in another department than their code says.
"""

import math
from bisect import bisect_right
from datetime import date
from functools import cache, lru_cache
from itertools import accumulate, takewhile
from random import Random

from standins.places import Commune, communes, contours, departements

COLUMNS = {  # key: type in the public schema, where the codes are wrongly integers
    "numero_dpe": "string",
    "nom_methode_dpe": "string",
    "version_methode_dpe": "string",
    "date_etablissement_dpe": "date",
    "consommation_energie": "number",
    "classe_consommation_energie": "string",
    "estimation_ges": "number",
    "classe_estimation_ges": "string",
    "annee_construction": "integer",
    "surface_thermique_lot": "number",
    "latitude": "number",
    "longitude": "number",
    "tr001_modele_dpe_type_libelle": "string",
    "tr002_type_batiment_description": "string",
    "code_insee_commune_actualise": "integer",
    "tv016_departement_code": "integer",
    "geo_adresse": "string",
    "geo_score": "number",
    "_geopoint": "string",
    "_id": "string",
    "_i": "integer",
    "_rand": "integer",
}
EXACT_COUNTS = {"01450": 100, "01053": 1000}  # exact multiples of the usual page sizes
WRONGLY_CODED = 0.015
NOISE_CLASSES = ["N", "N", "N", "N", "S", "I", "H", "-", "0", "3", "4", "5", "6", "7", "8"]
ENERGY_LIMITS = [50, 90, 150, 230, 330, 450]  # kWhEP/m²/yr: upper limits of A to F
GAS_LIMITS = [5, 10, 20, 35, 55, 80]  # kgCO₂/m²/yr
METHODS = ["3CL-DPE", "3CL", "Méthode 3CL", "FACTURE", "Méthode Facture", "THC", "DPE vierge"]
VERSIONS = ["1.3", "V1.3", "v2012", "3CL-DPE, version 1.3", None]
MODELS = ["Vente", "Location", "Neuf", "Copropriété", "Bâtiment public", "Centre commercial"]
BUILDINGS = [
    "Logement",
    "Maison Individuelle",
    "Bâtiment collectif à usage principal d'habitation",
]
STREETS = [
    "Rue de la République",
    "Avenue du Général de Gaulle",
    "Place de l'Église",
    "Chemin des Prés",
    "Impasse des Châtaigniers",
    "Rue Hélène Boucher",
    "Montée du Château",
    "Allée des Frênes",
]
FIRST_DAY, LAST_DAY = date(2012, 1, 2).toordinal(), date(2021, 6, 30).toordinal()


def dpe_count(commune: str) -> int:
    """Rows of a commune: about 60 to 900, and 900 to 1300 where the prefecture is."""
    if commune in EXACT_COUNTS:
        return EXACT_COUNTS[commune]
    place, chance = communes()[commune], Random(f"count {commune}").random()
    if departements()[place.departement].prefecture == commune:
        return 900 + int(400 * chance)
    return 60 + int(840 * chance**3)


@lru_cache
def last_lines() -> dict[str, int]:
    """The line number (`_i`) of the last row of each commune, in the order of codes."""
    return dict(zip(communes(), accumulate(dpe_count(code) for code in communes()), strict=True))


def dpe_rows(commune: str) -> list[dict]:
    """The certificates of a commune in the order of `_i`; none for an unknown code."""
    if commune not in communes():
        return []
    rng, count = Random(f"dpe {commune}"), dpe_count(commune)
    first = last_lines()[commune] - count + 1
    rows = (_row(rng, communes()[commune], line) for line in range(first, first + count))
    return [{key: row[key] for key in COLUMNS if row.get(key) is not None} for row in rows]


def communes_after(line: int) -> list[str]:
    """The communes that hold lines above `line`, in order."""
    start = bisect_right(list(last_lines().values()), line)
    return list(communes())[start:]


def _row(rng: Random, commune: Commune, line: int) -> dict:
    """One certificate; None stands for a value that will be absent."""
    department, day = commune.departement, rng.randint(FIRST_DAY, LAST_DAY)
    made = date.fromordinal(day)
    number = f"{department[-2:]}{made:%y}{rng.choice('VLN')}{line:07d}{rng.choice('ABCDEFGHJKLM')}"
    return {
        "numero_dpe": number,
        "nom_methode_dpe": rng.choice(METHODS),
        "version_methode_dpe": rng.choice(VERSIONS),
        "date_etablissement_dpe": "1899-12-30" if rng.random() < 0.004 else made.isoformat(),
        **_performance(rng, department),
        **_building(rng),
        "code_insee_commune_actualise": commune.code,
        "tv016_departement_code": department,
        **_place(rng, commune),
        "_id": f"{rng.getrandbits(96):024x}",
        "_i": line,
        "_rand": rng.randrange(1_000_000),
    }


@lru_cache
def typical_consumption(department: str) -> float:
    """kWhEP/m²/yr: more in the north and in the mountains, so that a map shows a pattern."""
    place = departements()[department]
    own = Random(f"climate {department}").uniform(-14, 14)
    if len(department) == 3:
        return 70 + own
    alps = 75 * math.exp(-((place.lon - 6.6) ** 2 + (place.lat - 45.4) ** 2) / 2)
    massif_central = 50 * math.exp(-((place.lon - 2.9) ** 2 + (place.lat - 45.2) ** 2) / 2)
    return 150 + 17 * (place.lat - 45) + alps + massif_central + own


def _class_of(value: float, limits: list[int]) -> str:
    return "ABCDEFG"[sum(1 for _ in takewhile(lambda limit: value > limit, limits))]


def _performance(rng: Random, department: str) -> dict:
    energy = round(typical_consumption(department) * rng.lognormvariate(0, 0.42), 2)
    gas = round(energy * rng.uniform(0.05, 0.27), 2)
    if rng.random() < 0.012:  # a "blank" certificate: no value and a class that means nothing
        return {
            "consommation_energie": 0,
            "classe_consommation_energie": rng.choice(NOISE_CLASSES),
            "estimation_ges": 0,
            "classe_estimation_ges": rng.choice(NOISE_CLASSES),
        }
    return {
        "consommation_energie": energy,
        "classe_consommation_energie": _class_of(energy, ENERGY_LIMITS),
        "estimation_ges": gas,
        "classe_estimation_ges": _class_of(gas, GAS_LIMITS),
    }


def _building(rng: Random) -> dict:
    kind = rng.choices(BUILDINGS, [50, 44, 6])[0]
    typical = {"Logement": 62, "Maison Individuelle": 108}.get(kind, 1400)
    surface = max(9.0, round(rng.gauss(typical, typical * 0.3), 2))
    chance = rng.random()
    if chance < 0.006:
        surface = 0 if chance < 0.004 else -1
    elif chance > 0.999:
        surface = 69052
    year = min(2021, int(rng.triangular(1850, 2021, 1975)))
    chance = rng.random()
    if chance < 0.012:
        year = 0 if chance < 0.01 else 32767
    return {
        "annee_construction": None if chance > 0.97 else year,
        "surface_thermique_lot": surface,
        "tr001_modele_dpe_type_libelle": rng.choices(MODELS, [52, 33, 9, 4, 1, 1])[0],
        "tr002_type_batiment_description": kind,
    }


@cache
def position(commune: Commune) -> tuple[float, float, float]:
    """Longitude, latitude and extent of a commune: well inside its contour."""
    contour, rng = commune.departement, Random(f"centre {commune.code}")
    if contour == "69":
        contour = "69M" if commune.code == "69123" else rng.choice(["69D", "69M"])
    (_, (lon, lat), inside, _), angle = contours()[contour], rng.uniform(0, math.tau)
    radius = 0.8 * inside * math.sqrt(rng.random())
    extent = min(0.01, 0.1 * inside)
    return lon + radius * math.cos(angle), lat + radius * math.sin(angle), extent


def _place(rng: Random, commune: Commune) -> dict:
    """The address and its position, of a commune of another department when wrongly coded."""
    if rng.random() < WRONGLY_CODED:
        commune = _commune_elsewhere(rng, commune.departement)
    lon, lat, extent = position(commune)
    lon = round(lon + rng.uniform(-extent, extent), 6)
    lat = round(lat + rng.uniform(-extent, extent), 6)
    postcode = commune.departement.replace("A", "0").replace("B", "0").ljust(4, "0")[:4] + "0"
    found, old_position = rng.random() < 0.96, rng.random() < 0.08
    return {
        "latitude": lat if old_position else None,
        "longitude": lon if old_position else None,
        "geo_adresse": f"{rng.randint(1, 180)} {rng.choice(STREETS)} {postcode} {commune.nom}"
        if found
        else None,
        "geo_score": round(rng.uniform(0.35, 0.98), 2) if found else None,
        "_geopoint": f"{lat},{lon}" if found else None,
    }


def _commune_elsewhere(rng: Random, department: str) -> Commune:
    everywhere = list(communes().values())
    while (choice := rng.choice(everywhere)).departement == department:
        pass
    return choice
