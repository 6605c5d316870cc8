"""A secret is found however a server writes it, and nothing else is taken for it."""

import base64
import html
import json
import re
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from diffusion.base import variables
from diffusion.base.redaction import redact

SECRETS = ["s3cret/value+1", 'é"q\\ & <b>', "Zażółć-😀-gęślą", "aB3dE5gH7", "0123456789abcdef" * 8]
WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda s: quote(s, safe=""),
    "small": lambda s: re.sub("%..", lambda m: m[0].lower(), quote(s, safe="")),
    "twice": lambda s: quote(quote(s, safe=""), safe=""),
    "capitals": lambda s: s.upper() if s.isascii() else s,
    "form": quote_plus,
    "json": json.dumps,
    "json in utf-8": lambda s: json.dumps(s, ensure_ascii=False).replace("/", "\\/"),
    "json in json": lambda s: json.dumps(json.dumps(s).replace("/", "\\/")),
    "html": html.escape,
    "html by numbers": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "bytes": lambda s: repr(s.encode("latin-1", "ignore")) if s.isascii() else s,
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "basic": lambda s: "Basic " + base64.b64encode(f"u:{s}".encode()).decode(),
    "of a user": lambda s: base64.b64encode(f"me:{s}".encode()).decode(),
    "in a URL": lambda s: quote(base64.b64encode(f"me:{s}, ok".encode()).decode(), safe=""),
    "for a URL": lambda s: base64.urlsafe_b64encode(f"jean:{s}?".encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("way", WRITTEN)
def test_it_is_found(way: str, secret: str) -> None:
    written = WRITTEN[way](secret)
    shown = redact(f'{{"Authorization": {written}, "next": 1}}', secret)
    assert "***" in shown and "Authorization" in shown and shown.endswith('"next": 1}')
    # what is left is the user's name, and what stands around it
    left = shown.replace('{"Authorization": ', "").replace(', "next": 1}', "").replace("%3D", "")
    assert len(left.replace("***", "")) <= 12, left


def test_what_a_cut_off_text_has_of_it() -> None:
    secret = "s3cret-value-that-is-long"
    assert redact("HTTP 400: no s3cret-value-th", secret) == "HTTP 400: no ***"
    assert redact("HTTP 400: no s3cret%2Dval…", secret) == "HTTP 400: no ***…"
    assert redact("HTTP 400: no s3cre", secret) == "HTTP 400: no s3cre"  # too little to tell
    assert redact("values: 12, s3crets", secret) == "values: 12, s3crets"


@pytest.mark.parametrize(
    ("way", "least"), [("plain", 6), ("percent", 6), ("twice", 6), ("basic", 20), ("of a user", 16)]
)
def test_wherever_it_was_cut_off(way: str, least: int) -> None:
    """Also within an escape, or in the middle of base64."""
    written = WRITTEN[way](SECRETS[0])
    for end in range(least, len(written)):
        shown = redact(f"it begins: {written[:end]}", SECRETS[0])
        assert "***" in shown and written[least - 2 : least] not in shown, (end, shown)


def test_what_one_that_was_cut_off_left_within_a_text() -> None:
    secret = "s3cret-value-that-is-long"
    coded = base64.b64encode(f"me:{secret}".encode()).decode()
    assert redact("it begins `s3cret-value-`; then correct it", secret) == (
        "it begins `***`; then correct it"
    )
    assert redact("no s3cret-v\n  → try again", secret) == "no ***\n  → try again"
    assert coded[4:-12] not in redact(f"Basic {coded[:-12]} is refused", secret)
    # a word is none, nor is what goes on as another one
    assert redact("the password is wrong", "password-9f8e7d") == "the password is wrong"
    assert redact("s3cret-valves", secret) == "s3cret-valves"
    url = "https://example.org/feeds/9f8e7d6c5b"
    assert redact("https://example.org is away", url) == "https://example.org is away"
    assert redact("of https://example.org/feeds/9f8e, ok", url) == "of ***, ok"


def test_nothing_else_is_taken_for_it() -> None:
    text = json.dumps({"n": [*range(999)], "words": "un café, s'il vous plaît / &amp; " * 9})
    assert redact(text, "abc") == text
    assert redact(text, None) == redact(text, "") == text


def test_a_text_of_backslashes_takes_no_longer() -> None:
    began = time.monotonic()
    redact("\\" * 200_000, "\\secret" * 9)
    assert time.monotonic() - began < 2


def test_examples_of_values_are_shown_without_it() -> None:
    """Counts and rows stay numbers, whatever the secret is."""
    variables.forget()
    environment = {"KEY": "hunter22", "PIN": "12345", "DB": "postgresql://me:p%40ssw0rd@db/x"}
    sources = {"a": {"auth": [{"env": "KEY"}]}, "b": {"auth": {"env": "PIN"}, "url_env": "DB"}}
    variables.keep_out_all(sources, environment)
    example = {"row": 12345, "count": 12345, "values": {"n": 12345, "t": "of hunter22", "m": None}}
    failure = {"failed": 12345, "values": 12345, "examples": [{"row": 1, "value": "p@ssw0rd"}]}
    try:
        assert variables.shown([example, failure]) == [
            {"row": 12345, "count": 12345, "values": {"n": "***", "t": "of ***", "m": None}},
            {"failed": 12345, "values": 12345, "examples": [{"row": 1, "value": "***"}]},
        ]
    finally:
        variables.forget()
