"""The errors of S3 servers and their clients, in the words of a user, with the remedy."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError

from diffusion.base.trust import TRUST, UNTRUSTED
from diffusion.errors import DiffusionError, StorageError

RENEW = "on SSP Cloud keys live 7 days: start a new service, or use a service account"
PROXY = (
    "the proxy refuses the connection",
    "check HTTPS_PROXY, or name the server in NO_PROXY",
)
PROXY_NAME = (
    "the proxy wants a name and a password",
    "set HTTPS_PROXY to http://NAME:PASSWORD@HOST:PORT, or name the server in NO_PROXY",
)
ELSEWHERE = (
    "the bucket is on another server, or in another region",
    "set AWS_REGION and AWS_ENDPOINT_URL to those of the bucket",
)
# part of the error's text: what is wrong, and what to do; the first match counts
REMEDIES = {
    "ExpiredToken": ("the session token has expired", RENEW),
    "InvalidToken": (
        "the session token is wrong",
        "check AWS_SESSION_TOKEN: it goes with its keys",
    ),
    # MinIO reports this for temporary keys, too, once they have expired
    "InvalidAccessKeyId": (
        "the access key is unknown, or has expired",
        f"check AWS_ACCESS_KEY_ID; {RENEW}",
    ),
    "SignatureDoesNotMatch": ("the secret key is wrong", "check AWS_SECRET_ACCESS_KEY"),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", "set the clock (NTP)"),
    "NoSuchBucket": ("the bucket does not exist", "create it, or correct its name"),
    "AccessDenied": ("access is denied", "ask for the right to read and write this prefix"),
    "XMinioStorageFull": (
        "the S3 server's disk is full",
        "make room there; then run `snakemake` again",
    ),
    "InternalError": (
        "the S3 server has trouble of its own",
        "see its log and its disk, then run `snakemake` again",
    ),
    "403 Forbidden": (  # the whole answer to a HEAD
        "access is denied, or the keys have expired",
        f"check the AWS_* variables and the bucket's policy; {RENEW}",
    ),
    "400 Bad Request": (
        "the request is refused",
        "check the AWS_* variables; has a token expired?",
    ),
    "os error 28": ("the disk is full", "make room there; then run `snakemake` again"),
    "os error 21": ("a folder of this name is there", "move it elsewhere"),
    "os error 17": ("a file of this name is there, where a folder should be", "move it elsewhere"),
    "os error 20": ("a file stands where a folder should be on the way there", "move it elsewhere"),
    "os error 13": ("it may not be written or read", "ask for the right to, or take another place"),
    "os error 30": ("its file system may only be read", "take another place"),
    "407 Proxy": PROXY_NAME,
    "ProxyAuthRequired": PROXY_NAME,
    "TunnelUnsuccessful": PROXY,
    "307 Temporary Redirect": ELSEWHERE,
    "301 Moved Permanently": ELSEWHERE,
    "dns error": ("the host name is unknown", "check the endpoint"),
    "InvalidContentType": ("the server does not speak https", "write the endpoint with http://"),
    "InvalidCertificate": (f"the server's {UNTRUSTED}", TRUST),
    "error sending request": ("the server cannot be reached", "check the endpoint and the network"),
}

# what the S3 client says of a key that it cannot hold; all others it reads, whatever they have
ODD_KEY = re.compile(r'[Pp]ath "(.*?)": (?:Encountered|Path) ', re.DOTALL)


@contextmanager
def store_errors(address: str) -> Iterator[None]:
    """Raise what a server or its client refuses as a DiffusionError with the remedy.

    Args:
        address: the URL or path of the object, for messages.
    """
    try:
        yield
    except OSError as error:
        if not any(sign in str(error) for sign in REMEDIES):
            raise
        raise store_error(error, address) from error
    except (BaseError, ValueError) as error:  # a ValueError: no key may have `..` in it
        raise store_error(error, address) from error


def store_error(error: Exception, where: str) -> DiffusionError:
    """Return a server's refusal in plain words, with the remedy."""
    text = str(error)
    if odd := ODD_KEY.search(text):
        return _odd_key(where, odd[1])
    for sign, (found, fix) in REMEDIES.items():
        if sign in text:
            return StorageError(where, found, fix)
    return StorageError(where, text.partition("Debug source")[0].strip()[:400])


def _odd_key(where: str, key: str) -> DiffusionError:
    """Return why a key cannot be read, spelled so that what is odd about it is seen."""
    spelled = json.dumps(key, ensure_ascii=True)
    found = (
        f"the key {spelled} cannot be read: it has a control character, or an empty, `.` or `..` "
    )
    found += "folder, which the S3 client does not allow"
    fix = "rename that object, or ask who keeps it; or name a folder that does not have it: a glob "
    fix += "reads the list of all that is below its first `*`"
    return StorageError(where, found, fix)
