"""What authorises the requests of a source: keys, passwords, and tokens that are asked for.

A token is that of OAuth 2.0's client credentials (RFC 6749, 4.4): asked for once, renewed before it
expires and where the server refuses it.
"""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from diffusion.base.variables import keep_out
from diffusion.config.fetching import Auth
from diffusion.errors import AnswerError
from diffusion.fetch.secret import secret_of, variable_of

EARLY = 30  # seconds before its end at which a token is renewed
USUAL = 300  # seconds that a token lasts whose server does not say

# sends the fields of a form with headers, and returns the JSON of the answer
Ask = Callable[[str, Mapping[str, str], Mapping[str, str]], Any]


@dataclass
class Token:
    """A token and the time (``time.monotonic``) until which it is used."""

    value: str
    until: float


class Authorisation:
    """All that a source's requests carry to be let in."""

    def __init__(self, auths: Sequence[Auth], environment: Mapping[str, str], where: str, ask: Ask):
        """Read the secrets; nothing is asked yet.

        Raises:
            DiffusionError: a variable is not set, or its value cannot be sent.
        """
        self._where, self._ask = where, ask
        self._given = [
            (auth, secret, variable_of(auth.user_env, environment, f"{where}.auth.user_env"))
            for auth in auths
            if (secret := secret_of(auth, environment, where))
        ]
        self._tokens: dict[str, Token] = {}

    def __bool__(self) -> bool:
        return bool(self._given)

    @property
    def secrets(self) -> list[str]:
        """All that must not be shown or kept."""
        return [secret for _, secret, _ in self._given] + [t.value for t in self._tokens.values()]

    @property
    def parameters(self) -> set[str]:
        """The names of the parameters that hold secrets."""
        return {auth.name for auth, _, _ in self._given if auth.style == "param"}

    @property
    def may_expire(self) -> bool:
        """Whether a refusal may mean that a token has ended."""
        return bool(self._tokens)

    def renew(self) -> None:
        """Forget the tokens: new ones are asked for."""
        self._tokens.clear()

    def sign(self, request: requests.Request) -> None:
        """Add the secrets to a request that goes to the source's own server."""
        for auth, secret, user in self._given:
            if auth.style == "param":
                request.params = {**(request.params or {}), auth.name: secret}
                continue
            name, value = self._header(auth, secret, user)
            request.headers[name] = value
            if name == "Authorization":
                request.auth = lambda prepared: prepared  # else an entry of ~/.netrc replaces it

    def _header(self, auth: Auth, secret: str, user: str) -> tuple[str, str]:
        if auth.style == "header":
            return auth.name, auth.prefix + secret
        if auth.style == "basic":
            return "Authorization", _basic(*((user, secret) if user else (secret, "")))
        if auth.style == "oauth2":
            secret = self._token(auth, secret, user)
        return "Authorization", (auth.prefix or "Bearer ") + secret

    def _token(self, auth: Auth, secret: str, user: str) -> str:
        known = self._tokens.get(auth.token_url)
        if known is None or known.until <= time.monotonic():
            known = self._tokens[auth.token_url] = self._asked(auth, secret, user)
        return known.value

    def _asked(self, auth: Auth, secret: str, user: str) -> Token:
        form = {"grant_type": "client_credentials"}
        form |= {"scope": auth.scope} if auth.scope else {}
        headers = {"Authorization": _basic(user, secret), "Accept": "application/json"}
        if auth.in_body:
            del headers["Authorization"]
            form |= {"client_id": user, "client_secret": secret}
        answer = self._ask(auth.token_url, form, headers)
        value = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(value, str) or not value:
            known = ", ".join(answer) if isinstance(answer, dict) else "no mapping"
            found = f"the answer of {auth.token_url} has no `access_token` ({known})"
            fix = "check `token_url`: it is the address that gives tokens"
            raise AnswerError(f"{self._where}.auth.token_url", found, fix)
        keep_out(value)
        lasts = answer.get("expires_in")
        seconds = float(lasts) if str(lasts).replace(".", "", 1).isdecimal() else USUAL
        return Token(value, time.monotonic() + max(seconds - EARLY, 0))


def _basic(user: str, password: str) -> str:
    """Return the header of RFC 7617; UTF-8, as servers of today expect."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
