"""Putting files to S3: a thousand small ones, and a large one; and again, when nothing changed."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.base import BUCKET, OURS, Bench, connection_to
from bench.measure import Contender, Goal, Row, alternate, ratio

SMALL, SMALL_SIZE, LARGE_SIZE = 1000, 100_000, 500_000_000


def measure_small(bench: Bench) -> Row:
    folder, count = bench.place("small"), bench.size(SMALL, 20)
    for number in range(count):
        path = folder / f"{number:04}.parquet"
        if not path.exists():
            path.write_bytes(os.urandom(SMALL_SIZE))
    return _row(bench, folder, f"Publishing {count:,} objects of 100 kB")


def measure_large(bench: Bench) -> Row:
    folder, size = bench.place("large"), bench.size(LARGE_SIZE, 1_000_000)
    path = folder / "large.parquet"
    if not path.exists():
        with path.open("wb") as file:
            for _ in range(size // 1_000_000):
                file.write(os.urandom(1_000_000))
    return _row(bench, folder, f"Publishing one object of {size / 1e6:,.0f} MB")


def _row(bench: Bench, folder: Path, work: str) -> Row:
    first = bench.alternate(_contenders(bench, folder, True), "publishing")
    again = bench.alternate(_contenders(bench, folder, False), "publishing", rounds=1)
    others = [name for name in first if name != OURS]
    best = min(others, key=lambda name: first[name].time)
    sent = _sent_again(bench, folder)
    goals = [
        Goal(f"time, to the best ({best})", ratio(first, OURS, best), 1.2),
        Goal("objects sent the second time", sent, 0, ""),
    ]
    said = ", ".join(f"{name} {again[name].time:.2f} s" for name in again)
    notes = [
        f"The same command again: {said}.",
        "Diffusion hashes each file, asks what is there, puts it, asks whether it is whole, and "
        "notes it in the manifest; the others put.",
    ]
    return Row(work, first, goals, notes)


def _contenders(bench: Bench, folder: Path, anew: bool) -> list[Contender | None]:
    """The contenders, each with a prefix of its own, emptied before each run when ``anew``."""
    plain = dict(bench.s3_environment())
    settings = plain | _settings(plain, bench)

    def rest(name: str) -> dict:
        def empty() -> None:
            bench.empty(f"{name}/{folder.name}/")

        return {"environment": settings} | ({"prepare": empty} if anew else {})

    def target(name: str) -> str:
        return f"{BUCKET}/{name}/{folder.name}/"

    def tool(name: str, path: str | None, *arguments: str) -> Contender | None:
        return Contender(name, [path, *arguments], **rest(name)) if path else None

    files, endpoint = f"{folder}/", plain["AWS_ENDPOINT_URL"]
    mc = ("cp", "--quiet", "--recursive", files, f"bench/{target('mc')}")
    s5cmd = ("--endpoint-url", endpoint, "cp", files, f"s3://{target('s5cmd')}")
    called, rclone = "publishing.s3fs_put", str(Path(sys.executable).with_name("rclone"))
    return [
        bench.ours(OURS, "publishing.diffusion", folder, bench.place("locks"), **rest(OURS)),
        bench.ours("s3fs put", called, files, target("s3fs put"), **rest("s3fs put")),
        tool("rclone copy", rclone, "copy", files, f"bench:{target('rclone copy')}"),
        tool("mc cp", bench.tool("mc"), *mc),
        tool("s5cmd cp", bench.tool("s5cmd"), *s5cmd),
    ]


def _settings(environment: Mapping[str, str], bench: Bench) -> dict[str, str]:
    """Return what rclone and mc want instead of AWS_* variables; no file of the user's is read."""
    endpoint = environment["AWS_ENDPOINT_URL"]
    key, secret = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    return {
        "MC_HOST_bench": f"http://{key}:{secret}@{endpoint.removeprefix('http://')}",
        "MC_CONFIG_DIR": str(bench.place("mc")),
        "RCLONE_CONFIG": os.devnull,
        "RCLONE_CONFIG_BENCH_TYPE": "s3",
        "RCLONE_CONFIG_BENCH_PROVIDER": "Minio",
        "RCLONE_CONFIG_BENCH_ENV_AUTH": "true",
        "RCLONE_CONFIG_BENCH_ENDPOINT": endpoint,
    }


def _sent_again(bench: Bench, folder: Path) -> int:
    """Publish once more through a proxy; return how many requests changed something."""
    from counting_proxy import CountingProxy

    environment = dict(bench.s3_environment())
    with CountingProxy(environment["AWS_ENDPOINT_URL"]) as proxy:
        environment["AWS_ENDPOINT_URL"] = proxy.endpoint
        locks = bench.place("locks")
        again = bench.ours(OURS, "publishing.diffusion", folder, locks, environment=environment)
        alternate([again], 1, bench.place("publishing"))
        return len(proxy.sent())


def diffusion(folder: str, locks: str) -> None:
    """What the job publish_sources calls, for a table that is a folder."""
    from diffusion.config.parts import Project
    from diffusion.publish.before import Entry, Upload
    from diffusion.publish.objects import publish
    from diffusion.publish.ownership import Target
    from diffusion.storage.store import Store

    place = Path(folder)
    store = Store(f"s3://{BUCKET}/{OURS}/{place.name}", connection_to())
    uploads = [Upload(f"dpe/{path.name}", path) for path in sorted(place.iterdir())]
    publish(Target(store, Project(name="bench")), [Entry("dpe", uploads, {"rows": 0})], Path(locks))


def s3fs_put(files: str, target: str) -> None:
    import s3fs

    s3fs.S3FileSystem().put(files, target, recursive=True)
