"""Notes of uploads in parts that are under way: what a kill leaves is found by them, and aborted.

The parts of such an upload are no object, and are paid for. MinIO lists uploads by their exact keys
only, and no server says whose one is: so this machine notes the key and the time.
"""

import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from diffusion.base.private import private_folder

FOLDER = Path(".diffusion/uploads")  # in the working folder, as the locks are


@dataclass(frozen=True)
class Begun:
    """An upload in parts that this machine began.

    Attributes:
        url: of the store.
        at: seconds since 1970, by the clock of this machine.
        pid: of the process.
    """

    url: str
    key: str
    at: float
    pid: int

    @property
    def is_under_way(self) -> bool:
        """Whether the process that began it is still there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:  # of another user: the number was given again
            return False
        return self.pid != os.getpid()


@contextmanager
def noted_upload(url: str, key: str, content: object, chunk: int) -> Iterator[None]:
    """Note an upload while it lasts; the note stays where it does not end well.

    Args:
        content: a path, or bytes, which are one request.
        chunk: bytes; what is larger is sent in parts, to S3.
    """
    is_small = not isinstance(content, Path) or content.stat().st_size <= chunk
    if is_small or not url.startswith("s3://"):
        yield
        return
    with noted(url, key):
        yield


@contextmanager
def noted(url: str, key: str) -> Iterator[None]:
    """Note an upload in parts to S3 while it lasts; see ``noted_upload``."""
    private_folder(FOLDER)
    note = FOLDER / f"{uuid.uuid4().hex}.json"
    note.write_text(json.dumps(asdict(Begun(url, key, time.time(), os.getpid()))), "utf-8")
    yield
    note.unlink(missing_ok=True)


def left_uploads() -> Iterator[tuple[Path, Begun]]:
    """Yield the notes of uploads that ended otherwise than well."""
    for note in sorted(FOLDER.glob("*.json")):
        with suppress(ValueError, TypeError, OSError):  # cut off, in a power cut
            begun = Begun(**json.loads(note.read_bytes()))
            if not begun.is_under_way:
                yield note, begun
