"""An API with pages, fast: a process of its own that has every answer ready.

    python -m bench.api_server PAGES RECORDS_A_PAGE LATENCY     prints its URL

``/lines`` is the first page; each names the next one, as data-fair does; ``/lines?last=N`` gives
the first N only. ``/parts/CODE`` is the one small page of a partition; ``/asked`` says how often
that was asked for. Each answer waits ``LATENCY`` seconds, as a server elsewhere does.
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

from bench.data import dpe_pages


class Api:
    def __init__(self, pages: list[bytes], records: int, latency: float):
        self.pages, self.records, self.latency = pages, records, latency
        self.url, self.asked = "", 0

    def answer(self, target: str) -> bytes:
        if target == "/asked":
            return _response(str(self.asked).encode())
        if target.startswith("/parts/"):
            self.asked += 1
            return _response(_part(target.removeprefix("/parts/")))
        query = parse_qs(urlsplit(target).query)
        number, last = (int(query.get(key, [0])[0]) for key in ("after", "last"))
        last = last or len(self.pages)
        following = f"{self.url}/lines?last={last}&after={number + 1}"
        head = f'{{"total":{last * self.records}'
        if number + 1 < last:
            head += f',"next":"{following}"'
        return _response((head + ',"results":').encode() + self.pages[number] + b"}")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                while await reader.readline() not in (b"\r\n", b""):
                    pass
                await asyncio.sleep(self.latency)
                writer.write(self.answer(line.split()[1].decode()))
                await writer.drain()
        except ConnectionError:
            pass
        writer.close()


def _response(body: bytes) -> bytes:
    start = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    return f"{start}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _part(code: str) -> bytes:
    rows = [{"commune": code, "annee": 2015 + i, "valeur": i * 1.5} for i in range(5)]
    return json.dumps({"total": len(rows), "results": rows}).encode()


async def main(pages: int, records: int, latency: float) -> None:
    api = Api(dpe_pages(pages * records, records) if pages else [], records, latency)
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(api.url, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
