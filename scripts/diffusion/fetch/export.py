"""Files that a server has to make first: ask for it, wait until it is done, learn its address.

The address of the job is noted, so that a run that was broken off waits for the same one.
"""

import json
import logging
from collections.abc import Callable
from pathlib import Path

from diffusion.base.json_files import write_json
from diffusion.config.fetching import Export
from diffusion.errors import DiffusionError, IncompleteError
from diffusion.fetch.body import Body
from diffusion.fetch.client import Client
from diffusion.fetch.held import HELD, Held, betrays
from diffusion.fetch.patience import TransientStatus, seconds_to_wait
from diffusion.fetch.request import Request

logger = logging.getLogger(__name__)
ASKED = (200, 201, 202)


class Exporting:
    """One job of a server, and how far it is."""

    def __init__(self, client: Client, export: Export, note: Path):
        """Args: the connection, how the server is asked, and where the job's address is kept."""
        self._client, self._export, self._note = client, export, note
        self._where, self._held = f"{client.where}.export", Held(note)

    def link(self, request: Request) -> str:
        """Return the address of the file, once the server has made it.

        Args:
            request: asks for it.

        Raises:
            DiffusionError: refused, failed, or not done within ``wait_minutes``.
        """
        export = self._export
        if not export.job:
            return self._linked(request)
        asked = self._client.asked_hash(*request.parts)
        job = self._known(asked) or self._ask(request)
        self._note.parent.mkdir(parents=True, exist_ok=True)
        is_secret = betrays(self._client.fetch, job)
        if is_secret:
            self._held.put({"asked": asked, "job": job})
        write_json(self._note, {"asked": asked, "job": HELD if is_secret else job})
        if not export.status and not export.link:
            return job  # it is there when that address has it: 202 until then
        return self._forgetting(lambda: self._client.retrying(lambda: self._state(job)))

    def _linked(self, request: Request) -> str:
        """Return the address that the answer itself has."""
        client, path = self._client, self._export.link
        response = client.retrying(lambda: client.send(*request.sent))
        answer = Body(response, self._where)
        link = answer.value(path)
        if not isinstance(link, str) or not link:
            raise self._nothing(answer, "link", f"the answer has nothing at `{path}`")
        return client.without_secret(client.target(response, link))

    def _nothing(self, answer: Body, key: str, found: str) -> DiffusionError:
        path = getattr(self._export, key)
        near = answer.nearest(path, path)  # at which nothing is
        fix = f"{near}: correct export.{key}" if near else f"correct export.{key}"
        return IncompleteError(self._where, found, fix)

    def _known(self, asked: str) -> str | None:
        try:
            known = json.loads(self._note.read_bytes())
            known = self._held.get() if known["job"] == HELD else known
            return known["job"] if known["asked"] == asked else None
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def done(self) -> None:
        """Forget the job: its file has come."""
        self._held.drop()

    def _ask(self, request: Request) -> str:
        """Ask for the file; return the address at which the job's state is told."""
        export, client = self._export, self._client
        response = client.retrying(lambda: client.send(*request.sent, accepted=ASKED))
        answer = Body(response, self._where)
        job = answer.value(export.job)
        if not isinstance(job, str) or not job:
            raise self._nothing(answer, "job", f"the answer has nothing at `{export.job}`")
        logger.info("the server was asked for the file: %s", client.redacted(job))
        return client.target(response, job)

    def _state(self, job: str) -> str:
        """Return the address of the file; as long as there is none, ask to wait."""
        export, client = self._export, self._client
        response = client.send(job, None)
        answer = Body(response, self._where)
        state = str(answer.value(export.status)) if export.status else ""
        link = answer.value(export.link) if export.link else job
        if state in export.failed:
            found = f"the server could not make the file: `{export.status}` is {state}"
            raise IncompleteError(self._where, found, f"the answer begins: {answer.start}")
        if (state in export.done or not export.status) and isinstance(link, str) and link:
            return client.without_secret(client.target(response, link))
        if state in export.done:
            found = f"it is done, and nothing is at `{export.link}`"
            raise self._nothing(answer, "link", found)
        said = f"`{export.status}` is {state}" if export.status else f"nothing at `{export.link}`"
        raise TransientStatus(
            response.status_code, said, seconds_to_wait(response.headers), asks_to_wait=True
        )

    def _forgetting(self, action: Callable[[], str]) -> str:
        """Forget a job that cannot be waited for any more: the next run asks for another one."""
        try:
            return action()
        except DiffusionError as error:
            if "run `snakemake` again" not in error.fix:
                self._note.unlink(missing_ok=True)
                self._held.drop()
            raise
