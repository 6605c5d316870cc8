"""Registers as their publishers hand them out in files: SIRENE's stock, DVF, RNA, BAN.

The names of columns are theirs (only a few of the many that SIRENE and DVF have), the communes are
real, all else is made up.
"""

import gzip
from collections.abc import Callable
from functools import cache

from standins.contours import zip_of
from standins.dpe import position
from standins.places import communes
from standins.records import records

LARGE = "2A004"  # more establishments than a page of SIRENE holds
SALE = (
    "Identifiant de document|No disposition|Date mutation|Nature mutation|Valeur fonciere|Voie|"
    "Code postal|Commune|Code departement|Code commune|Section|No plan|Nombre de lots|Type local|"
    "Surface reelle bati|Nombre pieces principales|Nature culture|Surface terrain"
)
ASSOCIATION = (
    "id;id_ex;siret;nature;date_creat;date_decla;date_disso;titre;objet;adrs_codeinsee;"
    "adrs_codepostal;position;maj_time"
)
ADDRESS = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;x;y;lon;lat;"
    "type_position;certification_commune;cad_parcelles"
)
STOCK = (
    "siren,nic,siret,statutDiffusionEtablissement,dateCreationEtablissement,"
    "trancheEffectifsEtablissement,etablissementSiege,libelleVoieEtablissement,"
    "codeCommuneEtablissement,etatAdministratifEtablissement"
)


def _checked(digits: str) -> str:
    """Digits and the one that makes them pass Luhn's check."""
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(digits[::-1])]
    return digits + str(-sum(value - 9 * (value > 9) for value in doubled) % 10)


@cache
def establishments(commune: str) -> list[dict]:
    """Establishments as SIRENE's API has them: three a commune, none outside of the sample."""
    if commune not in {row["code"] for row in records()}:
        return []
    found = []
    for number in range(1005 if commune == LARGE else 3):
        siren = _checked(f"{int(commune, 16) % 10**4:04}{number:04}")
        siret = _checked(f"{siren}0001")
        place = {"libelleVoieEtablissement": "DU PORT", "codeCommuneEtablissement": commune}
        found.append(
            {
                "siren": siren,
                "nic": siret[9:],
                "siret": siret,
                "dateCreationEtablissement": f"20{number % 24:02}-05-01",
                "etablissementSiege": True,
                "adresseEtablissement": place,
                "periodesEtablissement": [{"etatAdministratifEtablissement": "A"}],
            }
        )
    return found


def stations(department: str) -> list[dict]:
    """One piezometer a commune; `x` and `y` are degrees."""
    found = []
    for place in (place for place in communes().values() if place.departement == department):
        lon, lat, _ = position(place)
        code = {"code_bss": f"{place.code}X0001/F", "code_departement": department}
        point = {"x": round(lon, 6), "y": round(lat, 6), "altitude_station": "251"}
        found.append({**code, "code_commune_insee": place.code, "nom_commune": place.nom, **point})
    return found


def stock() -> bytes:
    """One establishment of four is closed, one of five hides its address."""
    lines = [STOCK]
    for number, row in enumerate(records()):
        siren = _checked(f"9{number:07}")
        siret, hidden = _checked(f"{siren}0001"), number % 5 == 0
        cells = [siren, siret[9:], siret, "P" if hidden else "O", "1997-03-01"]
        cells += ["NN" if number % 3 else "01", "true", "[ND]" if hidden else "DE L'ÉGLISE"]
        lines.append(",".join([*cells, row["code"], "F" if number % 4 == 0 else "A"]))
    return zip_of({"StockEtablissement_utf8.csv": "\n".join([*lines, ""]).encode()})


def sales(year: int) -> bytes:
    """Each sale has two lines of the same price; numbers have no zeros before them."""
    lines = [SALE]
    for number, row in enumerate(records()[:30]):
        code, postal = row["code"], row["code"].replace("2A", "20")[:2].lstrip("0") + "000"
        for kind, built in (("Maison", "95"), ("Dépendance", "")):
            cells = [
                "",
                "000001",
                f"{number % 28 + 1:02}/03/{year}",
                "Vente",
                f"{150000 + number},50",
            ]
            cells += ['RUE "HAUTE"', postal, row["nom"].upper(), code[:2].lstrip("0")]
            cells += [code[2:].lstrip("0"), "AB", "12", "0", kind, built, "4", "S", "500"]
            lines.append("|".join(cells))
    return zip_of({f"ValeursFoncieres-{year}.txt": "\r\n".join([*lines, ""]).encode()})


def associations() -> bytes:
    """A CSV for each department, all cells quoted, Latin-1, and a note that is none of them."""
    members: dict[str, list[str]] = {}
    for number, row in enumerate(records()):
        end = "0001-01-01" if number % 3 else "2019-06-30"
        cells = [f"W{row['code'][:2]}1{number:06}", "", "", "D", "1998-02-01", "1998-02-01", end]
        cells += [f"AMIS DE L'ÉCOLE DE {row['nom'].upper()}", "éducation; loisirs", row["code"]]
        cells += ["01000", "A", "2020-01-01 10:00:00"]
        name = f"rna_waldec_20240101_dpt_{row['departement']}.csv"
        header = ";".join(f'"{name}"' for name in ASSOCIATION.split(";"))
        members.setdefault(name, [header]).append(";".join(f'"{cell}"' for cell in cells))
    files = {name: "\r\n".join([*lines, ""]) for name, lines in members.items()}
    files["LISEZMOI.txt"] = "Répertoire national des associations"
    return zip_of({name: content.encode("cp1252") for name, content in files.items()})


def addresses(department: str) -> bytes:
    """Three addresses a commune, one of them `1 bis`."""
    lines = [ADDRESS]
    for row in records():
        if row["departement"] != department:
            continue
        lon, lat, _ = position(communes()[row["code"]])
        for number, suffix in ((1, ""), (1, "bis"), (9001, "")):
            key = f"{row['code']}_0010_{number:05}" + (f"_{suffix}" if suffix else "")
            cells = [key, f"{row['code']}_0010", str(number), suffix, "Rue de l'Église", "01000"]
            cells += [row["code"], row["nom"], "870000.1", "6570000.2", f"{lon:.6f}", f"{lat:.6f}"]
            parcels = f"{row['code']}000AB0001|{row['code']}000AB0002" if number == 1 else ""
            lines.append(";".join([*cells, "entrée", "1", parcels]))
    return gzip.compress("\n".join([*lines, ""]).encode(), mtime=0)


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "StockEtablissement_utf8.zip": ("application/zip", stock),
    "valeursfoncieres-2023.txt.zip": ("application/zip", lambda: sales(2023)),
    "valeursfoncieres-2024.txt.zip": ("application/zip", lambda: sales(2024)),
    "rna_waldec.zip": ("application/zip", associations),
    "adresses-01.csv.gz": ("application/gzip", lambda: addresses("01")),
    "adresses-2A.csv.gz": ("application/gzip", lambda: addresses("2A")),
}
