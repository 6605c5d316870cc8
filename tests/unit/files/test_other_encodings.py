"""Which encoding a French text is likely in, and what stays a doubt."""

import pytest

from diffusion.files.other_encodings import Likely, likely_french, likely_in, readings

FRENCH = "Où l’été, à Bâgé-la-Ville, Noël coûte 3 ° « ça » ; forêt, île, Évreux"
OTHER = {
    "Polish": ("Łódź, Kraków, Gdańsk, Poznań, Częstochowa", "cp1250"),
    "Czech": ("Příbram, Děčín, Třebíč, Ústí nad Labem, Žďár; hezké město", "cp1250"),
    "Hungarian": ("Győr, Székesfehérvár, Pécs, Hódmezővásárhely", "cp1250"),
    "Russian": ("Москва, Санкт-Петербург, Казань", "cp1251"),
    "Greek": ("Αθήνα, Θεσσαλονίκη, Πάτρα", "cp1253"),
    "Chinese": ("北京，上海，广州", "gb18030"),
    "Japanese": ("東京、大阪、京都", "shift_jis"),
    "Spanish": ("Muñoz, Peña, Málaga", "cp1252"),
    "Turkish": ("İstanbul, Iğdır, Şanlıurfa, café", "cp1254"),
    "French without an accent that tells": ("Côte-d'Or, Rhône", "cp1252"),
    "a half, or an œ": ("1½ pâté", "cp1252"),
}


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_french_is_read_by_one(encoding: str) -> None:
    text = FRENCH if encoding != "cp850" else FRENCH.replace("’", "'")
    found = likely_french(text.encode(encoding))
    assert found and found.encoding == encoding
    assert found.why.startswith(f"{sum(ord(c) > 127 for c in text)} signs beyond ASCII")
    told = readings("été".encode(encoding), "utf-8", likely=found)
    assert likely_in(told) == found
    assert told.splitlines()[1].startswith(f"  `encoding: {encoding}` reads été (likely: 1")


def test_latin_9_is_told_by_its_own_letters() -> None:
    found = likely_french("Un cœur, 3 €, l'été".encode("iso-8859-15"))
    assert found == Likely("iso-8859-15", "4 signs beyond ASCII, all French then: é 2, œ 1")


@pytest.mark.parametrize("language", OTHER)
def test_what_is_not_french_stays_a_doubt(language: str) -> None:
    text, encoding = OTHER[language]
    assert likely_french(text.encode(encoding)) is None
    assert likely_in(readings(text.encode(encoding), "utf-8")) is None
