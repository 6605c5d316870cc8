"""What S3 servers and their clients say when they refuse, and what a user should hear."""

from diffusion.base.trust import TRUST, UNTRUSTED
from diffusion.errors import DiffusionError

# what servers say, and what a user should hear; the first that fits counts
RENEW = "on SSP Cloud keys live 7 days: start a new service, or use a service account"
REMEDIES = {
    "ExpiredToken": ("the session token has expired", RENEW),
    "InvalidToken": (
        "the session token is wrong",
        "check AWS_SESSION_TOKEN: it goes with its keys",
    ),
    # MinIO says this of temporary keys, too, once they have expired
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
    "403 Forbidden": (  # all that a HEAD is told
        "access is denied, or the keys have expired",
        f"check the AWS_* variables and the bucket's policy; {RENEW}",
    ),
    "400 Bad Request": (
        "the request is refused",
        "check the AWS_* variables; has a token expired?",
    ),
    "dns error": ("the host name is unknown", "check the endpoint"),
    "InvalidContentType": ("the server does not speak https", "write the endpoint with http://"),
    "InvalidCertificate": (f"the server's {UNTRUSTED}", TRUST),
    "error sending request": ("the server cannot be reached", "check the endpoint and the network"),
}


def explain(error: Exception, where: str) -> DiffusionError:
    """Return a server's refusal in plain words, with the remedy."""
    text = str(error)
    for sign, (found, fix) in REMEDIES.items():
        if sign in text:
            return DiffusionError(where, found, fix)
    return DiffusionError(where, text.partition("Debug source")[0].strip()[:400])
