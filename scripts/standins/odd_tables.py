"""Texts that are no plain tables, written as the Ministry of the Interior and FINESS write them.

Results of an election: the header has 28 names, 21 of the polling station and 7 of a candidate;
each row has 12 candidates, so 105 cells. FINESS: no header, records of two kinds in one file.
Their values are made up.
"""

from pyproj import Transformer

from standins.dpe import position
from standins.places import communes, departements
from standins.records import records

STATION = (
    "Code du département;Libellé du département;Code de la circonscription;"
    "Libellé de la circonscription;Code de la commune;Libellé de la commune;Code du b.vote;"
    "Inscrits;Abstentions;% Abs/Ins;Votants;% Vot/Ins;Blancs;% Blancs/Ins;% Blancs/Vot;"
    "Nuls;% Nuls/Ins;% Nuls/Vot;Exprimés;% Exp/Ins;% Exp/Vot"
)
CANDIDATE = "N°Panneau;Sexe;Nom;Prénom;Voix;% Voix/Ins;% Voix/Exp"
CANDIDATES = 12


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}".replace(".", ",")


def elections() -> bytes:
    """One polling station a commune, `;`, Latin-1, decimal comma."""
    lines = [f"{STATION};{CANDIDATE}"]
    for row in records():
        code, name = row["departement"], departements()[row["departement"]].nom
        votes = [7 * number for number in range(1, CANDIDATES + 1)]
        cast = sum(votes)
        voters, listed = cast + 5, cast + 105
        cells = [code, name, "01", "1ère circonscription", row["code"][-3:], row["nom"], "0001"]
        for part in (listed, 100):
            cells += [str(part)] + ([_share(part, listed)] if part == 100 else [])
        cells += [str(voters), _share(voters, listed)]
        for part in (3, 2, cast):
            cells += [str(part), _share(part, listed), _share(part, voters)]
        for number, vote in enumerate(votes, 1):
            sex = "MF"[number % 2]
            cells += [str(number), sex, f"CANDIDAT {number}", "Claude", str(vote)]
            cells += [_share(vote, listed), _share(vote, cast)]
        lines.append(";".join(cells))
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")


def finess() -> bytes:
    """One establishment a commune, and where it is: Lambert-93, or UTM overseas."""
    lines = ["finess;etalab;100;2025-03-19"]
    places = []
    move = Transformer.from_crs("EPSG:4326", "EPSG:2154", always_xy=True)
    for number, row in enumerate(records()):
        key = f"{row['departement'][:2]}{number:07}"
        place = [row["code"], row["nom"], "0474000000", "Santé publique"]
        lines.append(";".join(["structureet", key, key, f"EHPAD de {row['nom']}", *place]))
        lon, lat, _ = position(communes()[row["code"]])
        x, y = move.transform(lon, lat)
        system = "LAMBERT_93" if lat > 40 else "UTM_N20"
        places.append(
            f"geolocalisation;{key};{x:.1f};{y:.1f};1,ATLASANTE,100,IGN,{system};2025-03-19"
        )
    return ("\n".join([*lines, *places]) + "\n").encode()
