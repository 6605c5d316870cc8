"""Encodings beyond those of France: told by what shows them, and the remedy gives the text."""

import re

import pytest

from conversions import refusal

TEXT = "code;nom\n01;été à Épernay\n02;日本\n03;plain\n"
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("codec", WIDE)
def test_without_a_mark(converter, codec):
    expected = ["été à Épernay", "日本", "plain"]
    data = TEXT.encode(codec)
    for declared in ({}, {"encoding": "cp1252"}, {"encoding": WIDE[WIDE.index(codec) - 1]}):
        remedy = re.search(r"`encoding: (\S+)`", refusal(converter, data, **declared))
        assert converter.columns(data, encoding=remedy[1])["nom"] == expected
    assert converter.columns('[{"a": "é"}]'.encode(codec), encoding=codec) == {"a": ["é"]}


@pytest.mark.parametrize(("codec", "word"), [("iso2022_jp", "日本"), ("iso2022_kr", "서울")])
def test_escape_sequences(converter, codec, word):
    data = f"code;nom\n01;plain\n02;{word}\n".encode(codec)
    words = refusal(converter, data)
    remedy = next(line for line in words.splitlines() if word in line)
    declared = re.search(r"`encoding: (\S+)`", remedy)[1]
    assert converter.columns(data, encoding=declared)["nom"] == ["plain", word]
    colours = converter.columns("code;nom\n01;\x1b[31mrouge\n")
    assert colours["nom"] == ["\x1b[31mrouge"], "other escapes mean nothing here"


@pytest.mark.parametrize(("codec", "word"), [("utf-7", "déjà"), ("hz", "中文")])
def test_signs_in_ascii_that_are_other_letters(converter, codec, word):
    text = f"code;nom\n01;{word}\n02;x{word}\n03;plain\n"
    words = refusal(converter, text.encode(codec))
    assert f"`encoding: {codec}` reads 01;{word}" in words
    found = converter.columns(text.encode(codec), encoding=codec)["nom"]
    assert found == [word, f"x{word}", "plain"]
    assert converter.table(text.encode(codec), encoding="utf-8").num_rows == 3


@pytest.mark.parametrize("value", ["A+AOk-", "~{a", "\\~{n}, ~}", "C+ABC-", "+33-1", "a ~{1} b ~}"])
def test_such_signs_by_accident(converter, value):
    other = "x" if value == "A+AOk-" else value
    found = converter.columns(f"code;nom\n01;{value}\n02;{other}\n")
    assert found["nom"] == [value, other]


def test_text_of_a_mainframe(converter):
    data = "CODE;NOM\n01;RHÔNE\n".encode("cp500")
    remedy = re.search(r"`encoding: (\S+)` reads CODE;NOM$", refusal(converter, data), re.M)
    assert converter.columns(data, encoding=remedy[1])["NOM"] == ["RHÔNE"]


@pytest.mark.parametrize("codec", ["shift_jis", "gb18030", "cp037", "utf-7", "hz"])
def test_any_codec_may_be_stated(converter, codec):
    text = "code;nom\n01;東京\n" if codec in ("shift_jis", "hz") else "code;nom\n01;été\n"
    text = text.replace("東京", "中文")
    data = text.encode(codec)
    if codec not in ("utf-7", "hz"):  # ASCII, as far as anybody sees
        assert "any codec of Python" in refusal(converter, data)
    assert converter.columns(data, encoding=codec)["nom"] == [text.split(";")[2].strip()]


def test_a_remedy_for_one_of_two_encodings(converter):
    """What is told of the one file must not be stated of the other."""
    files = ["a;b\nÉvry é;1\n".encode(), "a;b\nSète à;1\n".encode("cp1252")]
    assert '`encoding: {"1.bin": …}`' in refusal(converter, *files)
    words = refusal(converter, *files, encoding="cp1252")
    assert '`encoding: {"0.bin": …}`' in words
    found = converter.columns(*files, encoding={"1.bin": "cp1252"})
    assert found["a"] == ["Évry é", "Sète à"]
