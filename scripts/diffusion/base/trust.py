"""Servers whose certificate a private authority signed: one variable for all libraries."""

import os
import re
from collections.abc import MutableMapping

UNTRUSTED = "certificate is not trusted"
TRUST = (
    "install its authority's certificate on this machine, or name a file of it (and of the public "
    "authorities that your sources need) in SSL_CERT_FILE"
)
# by what OpenSSL says where a server answers in plain HTTP
NO_TLS = re.compile("WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG")
NO_TLS_FIX = (
    "correct the port, or write http:// if that server offers no HTTPS: what is sent and received "
    "can then be read on the way, a secret too"
)


def trust_one_file(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let ``SSL_CERT_FILE``, which obstore and pyarrow read, count for requests and boto3 too."""
    if file := environment.get("SSL_CERT_FILE"):
        environment.setdefault("REQUESTS_CA_BUNDLE", file)  # boto3 reads it as well
