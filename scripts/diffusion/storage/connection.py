"""One place that turns environment and configuration into the settings of every S3 client.

The endpoint is understood in its four spellings (with or without scheme, with or without
trailing slash). Secrets come from the environment or from ``~/.aws`` only.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from diffusion.config.parts import Credentials, Server, Storage
from diffusion.errors import StorageError, VariableError

if TYPE_CHECKING:
    from botocore.session import Session

ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_S3_ENDPOINT")


@dataclass(frozen=True)
class Connection:
    """How to reach an S3 server. ``endpoint`` is None for Amazon, else scheme://host[:port]."""

    endpoint: str | None
    region: str = "us-east-1"
    path_style: bool = True
    anonymous: bool = False
    request_payer: bool = False
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    def obstore(self, bucket: str) -> dict:
        """Settings of ``obstore.store.S3Store`` for a bucket, but for its name and prefix.

        The keys come by a function: given as settings, a session token that happens to be in the
        environment would be sent with them.
        """
        is_plain = bool(self.endpoint and self.endpoint.startswith("http://"))
        settings = {
            "region": self.region,
            # HTTPS shows what was altered on the way: no second hash of each body
            "unsigned_payload": not is_plain,
            "virtual_hosted_style_request": not self.path_style,
            "skip_signature": self.anonymous,
            "request_payer": self.request_payer,
            "client_options": {
                "allow_http": is_plain,
                "connect_timeout": "10s",
                "timeout": "24h",  # of a whole request: a large object takes long
                "read_timeout": "60s",  # of silence
            },
        }
        if self.endpoint:
            scheme, _, host = self.endpoint.partition("://")
            # obstore does not put the bucket before the host: without it, it lists no object at all
            settings["endpoint"] = (
                self.endpoint if self.path_style else f"{scheme}://{bucket}.{host}"
            )
        if self.access_key and not self.anonymous:
            keys = {"access_key_id": self.access_key, "secret_access_key": self.secret_key}
            keys |= {"token": self.token, "expires_at": None}
            settings["credential_provider"] = lambda: keys
        return settings

    def botocore(self, silence: int, attempts: int) -> dict:
        """Arguments of ``create_client`` of botocore's session, but for the service.

        Args:
            silence: seconds after which the server counts as gone.
            attempts: requests that are sent in all before an error counts.
        """
        from botocore import UNSIGNED
        from botocore.config import Config

        settings = Config(
            signature_version=UNSIGNED if self.anonymous else None,
            s3={"addressing_style": "path" if self.path_style else "virtual"},
            connect_timeout=5,
            read_timeout=silence,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=32,
            request_checksum_calculation="when_required",  # servers other than Amazon's
            response_checksum_validation="when_required",
        )
        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        keys["aws_session_token"] = self.token
        place = {"region_name": self.region, "endpoint_url": self.endpoint}
        return {**place, **keys, "config": settings}

    def pyarrow(self) -> dict:
        """Arguments of ``pyarrow.fs.S3FileSystem``, which ignores AWS_ENDPOINT_URL."""
        settings: dict = {"region": self.region, "force_virtual_addressing": not self.path_style}
        settings |= {"connect_timeout": 10, "request_timeout": 60}
        if self.endpoint:
            scheme, _, host = self.endpoint.partition("://")
            settings |= {"scheme": scheme, "endpoint_override": host}
        if self.anonymous:
            return settings | {"anonymous": True}
        keys = {"access_key": self.access_key, "secret_key": self.secret_key}
        return settings | {k: v for k, v in (keys | {"session_token": self.token}).items() if v}


def connection(server: Server, environment: Mapping[str, str] = os.environ) -> Connection:
    """Return the connection for ``storage:`` or for an S3 source's own keys.

    Args:
        server: what the configuration states; the environment provides the rest.
        environment: AWS_* and the variables that ``credentials:`` names.

    Raises:
        DiffusionError: a variable named in ``credentials:`` is not set, or half a pair of keys.
    """
    endpoint = server.endpoint or _first_set(environment, ENDPOINT_VARIABLES)
    region = server.region or _first_set(environment, ("AWS_REGION", "AWS_DEFAULT_REGION"))
    payer = server.request_payer
    found = Connection(_url(endpoint), region or "", True, server.anonymous, payer)
    found = _with_keys(found, server.credentials, environment)
    if not found.endpoint or not (found.anonymous or found.access_key):
        found = _with_profile(found, environment)
    # Onyxia writes the text "true" or "false"
    given = environment.get("AWS_PATH_STYLE_ACCESS", "").lower()
    path_style = given == "true" or (given != "false" and bool(found.endpoint))
    if server.path_style is not None:
        path_style = server.path_style
    return replace(found, region=found.region or "us-east-1", path_style=path_style)


def storage_connection(storage: Storage) -> Connection | None:
    """Return the connection for ``storage:``, or None where all of it is local folders."""
    urls = (storage.url, storage.raw)
    return connection(storage.server) if any(url.startswith("s3://") for url in urls) else None


def connected(url: str, link: Connection | None) -> Connection:
    """Return the connection of an S3 URL.

    Raises:
        ValueError: there is none, which is an error of the caller.
    """
    if link is None:
        raise ValueError(f"{url} needs a connection to S3")
    return link


def storage_place(storage: Storage, key: str) -> str:
    """Return one spelling of where ``storage.url`` or ``storage.raw`` is.

    A server that the environment names is the environment's: another one is noticed by what is,
    or is not, there.
    """
    url = getattr(storage, key).rstrip("/")
    server = [_url(storage.endpoint), storage.region] if url.startswith("s3://") else []
    return " ".join([url, *filter(None, server)])


def split_url(url: str) -> tuple[str, str]:
    """Return bucket and key prefix (without slashes around) of an ``s3://`` URL."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")  # `?` and `#` may be in a key
    return bucket, prefix.strip("/")


def _url(endpoint: str | None) -> str | None:
    if not endpoint:
        return None
    endpoint = endpoint.strip().rstrip("/")
    endpoint = endpoint if "://" in endpoint else f"https://{endpoint}"
    if "@" in endpoint.partition("://")[2].partition("/")[0]:
        found = "the address has a user name or a password, which it would show wherever it stands"
        fix = "leave them out: S3 takes keys, in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        raise StorageError("the S3 endpoint", found, fix)
    return endpoint


def _first_set(environment: Mapping, names: tuple[str, ...]) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)


def _with_keys(
    found: Connection, credentials: Credentials, environment: Mapping[str, str]
) -> Connection:
    if found.anonymous:
        return found
    named = bool(credentials.access_key_env)
    names: tuple[str, ...] = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    if named:
        given = (credentials.access_key_env, credentials.secret_key_env, credentials.token_env)
        names = tuple(name or "" for name in given)
    values = [environment.get(name) or None for name in names]
    missing = [name for name, value in zip(names, values, strict=True) if name and not value]
    fix = f"export {missing[0]}=…" if missing else ""
    if named and missing:
        fix += ", or name another variable under `credentials:`"
        raise VariableError("credentials", f"the variable {missing[0]} is not set", fix)
    if bool(values[0]) != bool(values[1]):
        raise VariableError("S3 credentials", f"the variable {missing[0]} is not set", fix)
    return replace(
        found, access_key=values[0], secret_key=values[1], token=values[2] if values[0] else None
    )


def _with_profile(found: Connection, environment: Mapping) -> Connection:
    """Fill what the environment leaves open (keys, endpoint, region) from ``~/.aws``.

    Raises:
        DiffusionError: the files cannot be read, or have no such profile.
    """
    from botocore.configprovider import ConstantProvider
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    session = Session()
    # botocore would read os.environ by itself: give it the settings of *this* environment
    settings = session.get_component("config_store")
    for name, variables, default in (
        ("config_file", ("AWS_CONFIG_FILE",), "~/.aws/config"),
        ("credentials_file", ("AWS_SHARED_CREDENTIALS_FILE",), "~/.aws/credentials"),
        ("profile", ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"), None),
    ):
        value = _first_set(environment, variables) or default
        settings.set_config_provider(name, ConstantProvider(value))
    try:
        scoped = session.get_scoped_config()
        found = replace(found, region=found.region or scoped.get("region") or "")
        found = replace(found, endpoint=found.endpoint or _url(_endpoint(session, scoped)))
        if found.anonymous or found.access_key:
            return found
        session.get_component("credential_provider").remove("env")  # looked at already
        keys = session.get_credentials()
        frozen = keys.get_frozen_credentials() if keys else None
    except BotoCoreError as error:
        fix = "correct ~/.aws/config, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        raise StorageError("~/.aws", str(error), fix) from error
    if frozen is None:
        return found
    keys = {"access_key": frozen.access_key, "secret_key": frozen.secret_key}
    return replace(found, **keys, token=frozen.token)


def _endpoint(session: "Session", scoped: Mapping) -> str | None:
    """Return the endpoint of a profile: that of its S3 service, else the general one."""
    services = session.full_config.get("services", {}).get(scoped.get("services"), {})
    return services.get("s3", {}).get("endpoint_url") or scoped.get("endpoint_url")
