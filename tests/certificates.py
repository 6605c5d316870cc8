"""A private certificate authority for the tests, by the openssl of this machine."""

import shutil
import subprocess
from pathlib import Path


class Authority:
    """Signs certificates; ``certificate`` is its own, which clients are told to trust."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.certificate = folder, folder / "authority.crt"
        self._key = folder / "authority.key"
        self._openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", "/CN=A private authority", "-keyout", self._key),
            *("-out", self.certificate, "-addext", "keyUsage=critical,keyCertSign"),
        )

    def issue(self, *names: str) -> tuple[Path, Path]:
        """Return certificate and key of a server with these names: addresses or host names."""
        certificate, key = self.folder / "public.crt", self.folder / "private.key"
        kinds = ("IP" if name[0].isdigit() else "DNS" for name in names)
        known = ",".join(f"{kind}:{name}" for kind, name in zip(kinds, names, strict=True))
        self._openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", "/CN=server", "-keyout", key, "-out", certificate),
            *("-CA", self.certificate, "-CAkey", self._key, "-addext", f"subjectAltName={known}"),
            *("-addext", "basicConstraints=critical,CA:false"),
        )
        return certificate, key

    def _openssl(self, *arguments: str | Path) -> None:
        openssl = shutil.which("openssl")
        assert openssl, "openssl makes the certificates of the tests"
        done = subprocess.run(
            [openssl, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
