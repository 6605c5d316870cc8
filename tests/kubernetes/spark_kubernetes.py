"""What a job's Spark asks of the API, beside what Snakemake's executor does: executors are pods.

Real are Spark, its Kubernetes client, and its executors, which the entry of the image with Spark
starts; the published schema, and the rights of profiles/kubernetes/spark/role.yaml.
"""

import datetime
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from manifests import Schema
from pods import Image, Pod
from private_kubernetes import PROFILE, Kubernetes

ACCOUNT = "diffusion-spark"
ADDRESS = "127.0.0.1"


class SparkKubernetes(Kubernetes):
    """The API of one namespace, in which jobs may start pods.

    Attributes:
        executors: every pod that Spark ever asked for, by name.
        configmaps: what is there now, by name.
    """

    def __init__(self, folder: Path, image: Image, schema: Schema):
        super().__init__(folder, image, schema)
        self.executors: dict[str, dict] = {}
        self.configmaps: dict[str, dict] = {}
        self._ended = threading.Event()

    def __enter__(self):
        super().__enter__()
        self.add_account(ACCOUNT, PROFILE / "spark/role.yaml")
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        super().__exit__(*error)

    def _create_pods(self, _: None, body: dict, query: Mapping) -> Mapping:
        self.schema.check("io.k8s.api.core.v1.Pod", body)
        name = body["metadata"]["name"]
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body["metadata"] |= {"creationTimestamp": now, "uid": name}
        self.executors[name] = body
        [container] = body["spec"]["containers"]
        values = self._executor_values(name, container)
        self.pods[name] = Pod(self.folder / name, self.image, container, values)
        return body

    def _executor_values(self, name: str, container: Mapping) -> dict[str, str]:
        """Return the variables; volumes are folders beside that of the pod."""
        fields = {"status.podIP": ADDRESS, "metadata.name": name}
        values = {
            variable["name"]: variable.get("value")
            or fields.get(variable.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath"), "")
            for variable in container["env"]
        }
        for number, volume in enumerate(container["volumeMounts"]):
            place = self.folder / f"{name}-volume-{number}"
            place.mkdir()
            values = {k: v.replace(volume["mountPath"], str(place)) for k, v in values.items()}
        return values

    def _get_pods(self, name: str, *_: object) -> dict:
        found = self.pods[name].status(name) if name in self.pods else self._pod(name)
        found["metadata"] |= {"uid": name}
        return found

    def _list_pods(self, selector: str, body: object, query: Mapping) -> dict:
        if field := query.get("fieldSelector"):
            items = [self._get_pods(field.removeprefix("metadata.name="))]
        elif selector.startswith("job-name="):
            return super()._list_pods(selector, body, query)
        else:
            items = [self._described(name) for name in self._selected(selector)]
        return {"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": items}

    def _described(self, name: str) -> dict:
        status = self.pods[name].status(name)["status"]
        code = self.pods[name].exit_code
        phase = "Running" if code is None else "Failed" if code else "Succeeded"
        return self.executors[name] | {"status": status | {"phase": phase, "podIP": ADDRESS}}

    def _selected(self, selector: str) -> list[str]:
        """Return the executors that are there and whose labels are as asked: `a=b,c!=d`."""

        def fits(labels: Mapping[str, str], pair: str) -> bool:
            name, _, value = pair.partition("=")
            other = name.endswith("!")
            return (labels.get(name.removesuffix("!")) == value) != other

        return [
            name
            for name, body in self.executors.items()
            if name in self.pods
            and all(fits(body["metadata"]["labels"], pair) for pair in selector.split(","))
        ]

    def _watch_pods(self, selector: str, *_: object) -> Iterator[dict]:
        told: dict[str, str] = {}
        while not self._ended.wait(0.5):
            for pod in map(self._described, self._selected(selector)):
                name, phase = pod["metadata"]["name"], pod["status"]["phase"]
                if told.get(name) != phase:
                    told[name] = phase
                    yield {"type": "MODIFIED", "object": pod}

    def _delete_pods(self, name: str, *rest: object) -> dict:
        super()._delete_pods(name, *rest)
        self.pods.pop(name) if name in self.executors else None
        return {}

    def _deletecollection_pods(self, selector: str, *rest: object) -> dict:
        for name in self._selected(selector):
            self._delete_pods(name)
        return {}

    def _delete_jobs(self, name: str, *rest: object) -> dict:
        """What a pod owns ends with it."""
        for executor in list(self.executors):
            owners = self.executors[executor]["metadata"].get("ownerReferences", [])
            if executor in self.pods and name in {owner["uid"] for owner in owners}:
                self._delete_pods(executor)
        return super()._delete_jobs(name, *rest)

    def _create_configmaps(self, _: None, body: dict, query: Mapping) -> Mapping:
        self.schema.check("io.k8s.api.core.v1.ConfigMap", body)
        self.configmaps[body["metadata"]["name"]] = body
        return body

    def _deletecollection_configmaps(self, *_: object) -> dict:
        self.configmaps.clear()
        return {}
