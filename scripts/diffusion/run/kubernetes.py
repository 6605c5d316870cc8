"""What snakemake-executor-plugin-kubernetes 0.5.1 does wrong, put right from outside.

Only methods of the Kubernetes client are wrapped, which is public; without it nothing happens. No
upstream issue is known; tests/workflow/test_workarounds.py looks for both faults in the plugin.
"""

import atexit
import contextlib
import sys
from typing import Any

UNAUTHORIZED = 401  # the executor logs in again


def patch_executor() -> None:
    """To be called in the main process, before there is an executor."""
    try:
        from kubernetes.client import CoreV1Api
    except ImportError:
        return
    _read_logs_of_failed_pods(CoreV1Api)
    _remove_secret_at_exit(CoreV1Api)


def _read_logs_of_failed_pods(client: Any) -> None:
    """Let a failed job be tried again, as ``retries`` says, and show why it failed.

    The executor asks for the log of the container's *previous* start. A job's container starts
    once: the API refuses, and the executor takes that for the end of the whole run. A pod that is
    gone with its node has no log either.
    """
    from kubernetes.client import ApiException

    read = client.read_namespaced_pod_log

    def read_and_tell(api: Any, *arguments: Any, previous: bool = False, **options: Any) -> str:
        try:
            log = read(api, *arguments, **options)
        except ApiException as error:
            if error.status == UNAUTHORIZED:
                raise
            return f"the log cannot be read: {error.status} {error.reason}"
        print(_reason(log), file=sys.stderr)
        return log

    client.read_namespaced_pod_log = read_and_tell


def _remove_secret_at_exit(client: Any) -> None:
    """Leave no Secret behind: the executor forgets it when there was nothing to do."""
    from kubernetes.client import ApiException

    create = client.create_namespaced_secret

    def create_for_now(api: Any, namespace: str, secret: Any) -> Any:
        def remove() -> None:
            with contextlib.suppress(ApiException):  # the executor has removed it already
                api.delete_namespaced_secret(secret.metadata.name, namespace)

        created = create(api, namespace, secret)
        atexit.register(remove)
        return created

    client.create_namespaced_secret = create_for_now


def _reason(log: str) -> str:
    """Return the message of a failed job, up to an empty line; see ``diffusion.base.joblog``."""
    _, mark, message = log.partition("\n✗ ")
    if mark:
        return mark + message.partition("\n\n")[0] + "\n"
    return "\n✗ a pod was ended before it could say why; most often it had no memory left\n"
