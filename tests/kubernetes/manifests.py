"""The published schema of Kubernetes, which manifests must obey to the letter."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from jsonschema import Draft4Validator

RELEASE = "v1.34.4"
BODY = {"CronJob": "batch.v1", "Role": "rbac.v1", "RoleBinding": "rbac.v1"}


class Schema:
    """The OpenAPI description in Kubernetes' own source, which is a Go module."""

    def __init__(self):
        command = ["go", "mod", "download", "-json", f"k8s.io/kubernetes@{RELEASE}"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        path = Path(json.loads(told)["Dir"]) / "api/openapi-spec/swagger.json"
        self.definitions = json.loads(path.read_text("utf-8"))["definitions"]
        for name, definition in self.definitions.items():
            if "properties" in definition:
                definition["additionalProperties"] = False  # as `--validate=strict`
            if name.endswith("IntOrString"):
                del definition["type"]  # it says string

    def check(self, definition: str, manifest: Mapping) -> None:
        """Raise ``jsonschema.ValidationError`` for a key or type that Kubernetes does not know."""
        reference = f"#/definitions/{definition}"
        Draft4Validator({"definitions": self.definitions, "$ref": reference}).validate(manifest)

    def check_document(self, manifest: Mapping) -> None:
        """The same for what names its kind, as in a file."""
        group = BODY.get(manifest["kind"], "core.v1")
        self.check(f"io.k8s.api.{group}.{manifest['kind']}", manifest)
        version = {"batch.v1": "batch/v1", "rbac.v1": "rbac.authorization.k8s.io/v1"}
        assert manifest["apiVersion"] == version.get(group, "v1")
