"""A Kubernetes of this machine's own, for the tests: its API, and pods that are processes.

There is no cluster to be had here. What is real: the executor and the Kubernetes client, unchanged,
which speak HTTP to this; the published schema, which each manifest must obey; the rights of
profiles/kubernetes/role.yaml, and no others; each pod's own command, run by /bin/sh in an empty
folder with the pod's variables only; its memory limit, kept by the kernel (root and cgroup v1).
What is not: images, scheduling, quotas, networks, the controllers.
"""

import base64
import contextlib
import json
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

import yaml

from manifests import Schema
from pods import Image, Pod, command_lines
from projects import REPOSITORY

NAMESPACE = "user-tests"
ROUTE = re.compile(
    r"/(?:api|apis/(?P<group>\w+))/v1/namespaces/(?P<namespace>[\w-]+)/(?P<kind>\w+)"
    r"(?:/(?P<name>[\w-]+))?(?:/(?P<part>\w+))?"
)
VERBS = {"POST": "create", "DELETE": "delete", "GET": "get"}
WITHOUT_NAME = {"GET": "list", "DELETE": "deletecollection", "POST": "create"}
PROFILE = REPOSITORY / "profiles/kubernetes"


class Refused(Exception):
    """An answer of the API that is not what was asked for: status and words."""


def rights_of(file: Path) -> set[tuple[str, str, str]]:
    """Return what the Role in a file allows: group, resource and verb of each."""
    role = next(d for d in yaml.safe_load_all(file.read_text()) if d["kind"] == "Role")
    return {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


class Kubernetes:
    """The API of one namespace, as a context manager.

    Attributes:
        secrets, pods: what is there now, by name; a job and its pod have the same name.
        manifests: every job ever created.
        processes: command lines of this machine, while pods ran.
        used: the rights that each token made use of.
    """

    def __init__(self, folder: Path, image: Image, schema: Schema):
        self.folder, self.image, self.schema = folder, image, schema
        self.token = secrets.token_hex(16)
        self.secrets: dict[str, dict] = {}
        self.pods: dict[str, Pod] = {}
        self.manifests: list[dict] = []
        self.processes: set[str] = set()
        self.rights = {self.token: rights_of(PROFILE / "role.yaml")}
        self.used: dict[str, set] = {self.token: set()}
        self.accounts: dict[str, Path] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        handler = type("ApiHandler", (Handler,), {"cluster": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for pod in self.pods.values():
            pod.kill()
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def environment(self) -> dict[str, str]:
        """What a user's terminal has: the namespace, the image, and how to reach the API."""
        config = {
            "clusters": [{"name": "tests", "cluster": {"server": self.address}}],
            "users": [{"name": "diffusion", "user": {"token": self.token}}],
            "contexts": [{"name": "it", "context": {"cluster": "tests", "user": "diffusion"}}],
            "current-context": "it",
        }
        path = self.folder / "kubeconfig"
        path.write_text(yaml.safe_dump(config))
        image = {"DIFFUSION_NAMESPACE": NAMESPACE, "DIFFUSION_IMAGE": "registry.test/diffusion:1"}
        return {"KUBECONFIG": str(path), **image}

    def add_account(self, name: str, role: Path) -> None:
        """Let pods have an account of a name, with the rights of the Role in a file."""
        folder, token = self.folder / name, secrets.token_hex(16)
        folder.mkdir()
        (folder / "token").write_text(token)
        (folder / "namespace").write_text(NAMESPACE)
        self.accounts[name], self.rights[token] = folder, rights_of(role)
        self.used[token] = set()

    def answer(self, token: str, method: str, url: str, body: Mapping | None) -> object:
        """Do what a request asks for."""
        if token not in self.rights:
            raise Refused(401, "Unauthorized")
        where = urlsplit(url)
        route = ROUTE.fullmatch(where.path)
        if not route or route["namespace"] != NAMESPACE:
            raise Refused(404, f"there is no {where.path}")
        resource = "/".join(filter(None, (route["kind"], route["part"])))
        query = {key: values[0] for key, values in parse_qs(where.query).items()}
        verb = (VERBS if route["name"] else WITHOUT_NAME)[method]
        verb = "watch" if query.get("watch") == "true" else verb
        if (route["group"] or "", resource, verb) not in self.rights[token]:
            raise Refused(403, f"may not {verb} {resource}")
        self.used[token].add((route["group"] or "", resource, verb))
        action = getattr(self, f"_{verb}_{resource.replace('/', '_')}")
        return action(route["name"] or query.get("labelSelector"), body, query)

    def _create_secrets(self, _: None, body: Mapping, query: Mapping) -> Mapping:
        self.schema.check("io.k8s.api.core.v1.Secret", body)
        self.secrets[body["metadata"]["name"]] = body["data"]
        return body

    def _delete_secrets(self, name: str, *_: object) -> dict:
        if not self.secrets.pop(name, None):
            raise Refused(404, f"{name} not found")
        return {}

    def _create_jobs(self, _: None, body: dict, query: Mapping) -> Mapping:
        self.schema.check("io.k8s.api.batch.v1.Job", body)
        self.manifests.append(body)
        name = body["metadata"]["name"]
        spec = body["spec"]["template"]["spec"]
        [container] = spec["containers"]
        account = self.accounts.get(spec.get("serviceAccountName", ""))
        values = self._values(container)
        self.pods[name] = Pod(self.folder / name, self.image, container, values, account)
        return body

    def _values(self, container: Mapping) -> dict[str, str]:
        """Return the variables of a container; only by references to a Secret."""
        values = {}
        for variable in container["env"]:
            reference = variable["valueFrom"]["secretKeyRef"]
            data = self.secrets[reference["name"]]
            values[variable["name"]] = base64.b64decode(data[reference["key"]]).decode()
        return values

    def _get_jobs_status(self, name: str, *_: object) -> dict:
        self.processes |= command_lines()
        code = self._pod(name).exit_code
        ended = {} if code is None else {"succeeded" if code == 0 else "failed": 1}
        return {"metadata": {"name": name}, "status": ended}

    def _delete_jobs(self, name: str, *_: object) -> dict:
        self._pod(name).kill()
        del self.pods[name]
        return {}

    def _list_pods(self, selector: str, *_: object) -> dict:
        name = selector.removeprefix("job-name=")
        return {"items": [self._pod(name).status(name)] if name in self.pods else []}

    def _delete_pods(self, name: str, *_: object) -> dict:
        self._pod(name).kill()
        return {}

    def _get_pods_log(self, name: str, _: None, query: Mapping) -> str:
        if query.get("previous", "").lower() == "true":
            found = f'previous terminated container "snakemake" in pod "{name}" not found'
            raise Refused(400, found)
        return self._pod(name).log

    def _pod(self, name: str) -> Pod:
        if name not in self.pods:
            raise Refused(404, f"{name} not found")
        return self.pods[name]


class Handler(BaseHTTPRequestHandler):
    """HTTP around ``Kubernetes.answer``."""

    cluster: Kubernetes

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        status = 200
        try:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if "Upgrade" in self.headers:
                raise Refused(503, "no web sockets here")  # clients then ask by plain HTTP
            answer = self.cluster.answer(token, self.command, self.path, body)
        except Refused as refused:
            status, words = refused.args
            answer = {"kind": "Status", "status": "Failure", "message": words, "code": status}
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if isinstance(answer, Iterator):
            self._tell(answer)
        else:
            text = answer if isinstance(answer, str) else json.dumps(answer)
            self.wfile.write(text.encode())

    do_POST = do_DELETE = do_GET

    def _tell(self, events: Iterator[Mapping]) -> None:
        """Send what happens to who watches, until they leave."""
        with contextlib.suppress(ConnectionError):
            for event in events:
                self.wfile.write(json.dumps(event).encode() + b"\n")

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""
