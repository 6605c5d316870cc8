"""One place that turns environment and configuration into the settings of every S3 client.

The endpoint is understood in its four spellings (with or without scheme, with or without
trailing slash). Secrets come from the environment or from ``~/.aws`` only.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from diffusion.errors import DiffusionError

# Servers other than Amazon's break on the checksums newer clients add: boto3#4392, #4435.
CHECKSUMS = {
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
    "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
}
ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_S3_ENDPOINT")


@dataclass(frozen=True)
class Connection:
    """How to reach an S3 server. ``endpoint`` is None for Amazon, else scheme://host[:port]."""

    endpoint: str | None
    region: str = "us-east-1"
    path_style: bool = True
    anonymous: bool = False
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    def obstore(self) -> dict:
        """Settings of ``obstore.store.S3Store``, but for bucket and prefix."""
        settings = {
            "region": self.region,
            "virtual_hosted_style_request": not self.path_style,
            "skip_signature": self.anonymous,
            "client_options": {
                "allow_http": bool(self.endpoint and self.endpoint.startswith("http://")),
                "connect_timeout": "10s",
                "timeout": "10min",
            },
        }
        names = {"endpoint": self.endpoint, "access_key_id": self.access_key}
        names |= {"secret_access_key": self.secret_key, "session_token": self.token}
        return settings | {name: value for name, value in names.items() if value}

    def pyarrow(self) -> dict:
        """Arguments of ``pyarrow.fs.S3FileSystem``, which knows no AWS_ENDPOINT_URL."""
        settings: dict = {"region": self.region, "force_virtual_addressing": not self.path_style}
        settings |= {"connect_timeout": 10, "request_timeout": 60}
        if self.endpoint:
            scheme, _, host = self.endpoint.partition("://")
            settings |= {"scheme": scheme, "endpoint_override": host}
        if self.anonymous:
            return settings | {"anonymous": True}
        keys = {"access_key": self.access_key, "secret_key": self.secret_key}
        return settings | {k: v for k, v in (keys | {"session_token": self.token}).items() if v}

    def snakemake(self) -> dict:
        """Settings of a ``storage:`` provider of snakemake-storage-plugin-s3; None overrides."""
        settings: dict = {"endpoint_url": self.endpoint, "region": self.region}
        if self.anonymous:
            from botocore import UNSIGNED

            settings["signature_version"] = UNSIGNED
        settings |= {"access_key": self.access_key, "secret_key": self.secret_key}
        return {k: v for k, v in (settings | {"token": self.token}).items() if v is not None}


def connection(section: Mapping, environment: Mapping = os.environ) -> Connection:
    """Return the connection for ``storage:`` or for an S3 source's own keys.

    Args:
        section: the part of the resolved config with endpoint, region, path_style and, for a
            source, anonymous and credentials.
        environment: AWS_* and the variables that ``credentials:`` names.

    Raises:
        DiffusionError: a variable named in ``credentials:`` is not set.
    """
    endpoint = section["endpoint"] or _first(environment, ENDPOINT_VARIABLES)
    region = section["region"] or _first(environment, ("AWS_REGION", "AWS_DEFAULT_REGION"))
    found = Connection(_url(endpoint), region or "us-east-1", True, section.get("anonymous", False))
    found = _with_profile(
        _with_keys(found, section.get("credentials", {}), environment), environment
    )
    if section["path_style"] is not None:
        return replace(found, path_style=section["path_style"])
    # Onyxia writes the text "true" or "false"
    given = environment.get("AWS_PATH_STYLE_ACCESS", "").lower()
    return replace(found, path_style=given == "true" or (given != "false" and bool(found.endpoint)))


def storage_link(storage: Mapping) -> Connection | None:
    """Return the connection for ``storage:``, or None where all of it is local folders."""
    urls = (storage["url"], storage["raw"])
    return connection(storage) if any(url.startswith("s3://") for url in urls) else None


def split_url(url: str) -> tuple[str, str]:
    """Return bucket and key prefix (without slashes around) of an ``s3://`` URL."""
    parts = urlsplit(url)
    return parts.netloc, parts.path.strip("/")


def _url(endpoint: str | None) -> str | None:
    if not endpoint:
        return None
    return (endpoint if "://" in endpoint else f"https://{endpoint}").rstrip("/")


def _first(environment: Mapping, names: tuple[str, ...]) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)


def _with_keys(found: Connection, credentials: Mapping, environment: Mapping) -> Connection:
    if found.anonymous:
        return found
    names = {
        "access_key": credentials.get("access_key_env"),
        "secret_key": credentials.get("secret_key_env"),
        "token": credentials.get("token_env"),
    }
    if not names["access_key"]:
        names = {"access_key": "AWS_ACCESS_KEY_ID", "secret_key": "AWS_SECRET_ACCESS_KEY"}
        names["token"] = "AWS_SESSION_TOKEN"  # noqa: S105 - a variable's name
        return replace(found, **{key: environment.get(name) or None for key, name in names.items()})
    keys = {}
    for key, name in names.items():
        keys[key] = environment.get(name) if name else None
        if name and not keys[key]:
            fix = f"export {name}=…, or name another variable under `credentials:`"
            raise DiffusionError("credentials", f"the variable {name} is not set", fix)
    return replace(found, **keys)


def _with_profile(found: Connection, environment: Mapping) -> Connection:
    """Fill what the environment leaves open from ``~/.aws`` (keys, endpoint)."""
    if found.anonymous or found.access_key:
        return found
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    try:
        session = Session(profile=environment.get("AWS_PROFILE"))
        keys, scoped = session.get_credentials(), session.get_scoped_config()
    except BotoCoreError as error:
        fix = "mend ~/.aws/config, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        raise DiffusionError("~/.aws", str(error), fix) from error
    endpoint = found.endpoint or _url(scoped.get("endpoint_url"))
    if keys is None:
        return replace(found, endpoint=endpoint)
    frozen = keys.get_frozen_credentials()
    return replace(
        found,
        endpoint=endpoint,
        access_key=frozen.access_key,
        secret_key=frozen.secret_key,
        token=frozen.token,
    )
