"""An identity provider of our own, for a MinIO that gives keys in exchange for its tokens.

It is how the SSP Cloud does it (Keycloak there). A token without a duration asked for gives keys
that live exactly as long as the token: seconds, if need be, where STS itself gives 900 at least.
"""

import base64
import json
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from Cryptodome.Hash import SHA256
from Cryptodome.PublicKey import RSA
from Cryptodome.Signature import pkcs1_15

CLIENT = "diffusion"


class Identity:
    """``with Identity() as identity:`` then ``identity.keys(minio, seconds=5)``."""

    def __init__(self):
        self._key = RSA.generate(2048)

    def __enter__(self) -> Self:
        answers = {"/.well-known/openid-configuration": self._about, "/keys": self._public}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(answers[self.path]()).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self) -> dict[str, str]:
        """Return the variables of a MinIO that trusts this provider."""
        prefix = "MINIO_IDENTITY_OPENID_"
        about = f"{self.url}/.well-known/openid-configuration"
        return {f"{prefix}CONFIG_URL": about, f"{prefix}CLIENT_ID": CLIENT}

    def keys(self, endpoint: str, seconds: int) -> dict[str, str]:
        """Return the variables that a user of the platform is given, for so many seconds."""
        sts = boto3.client(
            "sts",
            endpoint_url=endpoint,
            region_name="us-east-1",
            config=Config(signature_version=UNSIGNED),
        )
        found = sts.assume_role_with_web_identity(
            RoleArn="arn:minio:iam:::role/unused",
            RoleSessionName="test",
            WebIdentityToken=self._token(seconds),
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
            "AWS_SESSION_TOKEN": found["SessionToken"],
        }

    def _about(self) -> dict:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": f"{self.url}/login",
            "token_endpoint": f"{self.url}/token",
        }

    def _public(self) -> dict:
        numbers = {"n": self._key.n, "e": self._key.e}
        encoded = {
            name: _base64(number.to_bytes((number.bit_length() + 7) // 8, "big"))
            for name, number in numbers.items()
        }
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one", **encoded}]}

    def _token(self, seconds: int) -> str:
        """Return a signed JSON Web Token (RFC 7519) of a user who may read and write."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": "alice", "policy": "readwrite"}
        claims |= {"iat": now, "exp": now + seconds}
        signed = f"{_part({'alg': 'RS256', 'typ': 'JWT', 'kid': 'one'})}.{_part(claims)}"
        signature = pkcs1_15.new(self._key).sign(SHA256.new(signed.encode()))
        return f"{signed}.{_base64(signature)}"


def _part(content: Mapping) -> str:
    return _base64(json.dumps(content).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
