"""The summary of a run: what is published, where, how large."""

from collections.abc import Iterable, Mapping

from tabulate import tabulate


def summarise(receipts: Iterable[Mapping]) -> dict:
    """Return the summary of publishing receipts: one row a file, and one for each folder."""
    rows = []
    for receipt in receipts:
        name = receipt["name"]
        folder = [item for item in receipt["objects"] if item["key"].startswith(f"{name}/")]
        files = [item for item in receipt["objects"] if item not in folder]
        places = [(item["key"], [item]) for item in files] + (
            [(f"{name}/", folder)] if folder else []
        )
        for key, items in places:
            rows.append(
                {
                    "name": name,
                    "rows": receipt.get("rows"),
                    "columns": len(receipt["columns"]) if "columns" in receipt else None,
                    "bytes": sum(item["size"] for item in items),
                    "files": len(items),
                    "checks": receipt.get("checks"),
                    "url": f"{receipt['url']}/{key}",
                    "private": receipt.get("private", False),
                }
            )
    return {"published": sorted(rows, key=lambda row: row["url"])}


def format_summary(summary: Mapping) -> str:
    """Return the summary as a table for the terminal; the place of all files stands once, above."""
    rows = summary["published"]
    urls = [row["url"].rstrip("/") for row in rows if not row["private"]]
    places = {url.rpartition("/")[0] for url in urls}
    place = f"{places.pop()}/" if len(places) == 1 else ""
    shown = [
        {
            "file": _file(row, place),
            "rows": f"{row['rows']:,}" if row["rows"] is not None else "",
            "columns": row["columns"],
            "bytes": f"{row['bytes']:,}",
            "checks": _checks(row),
        }
        for row in rows
    ]
    align = ("left", "right", "right", "right", "left")
    heading = f"Published to {place}:" if place else "Published:"
    return f"\n{heading}\n" + tabulate(shown, headers="keys", colalign=align) + "\n"


def _file(row: Mapping, place: str) -> str:
    if row["private"]:
        return row["name"]
    return row["url"].removeprefix(place) + (f" ({row['files']} files)" * (row["files"] > 1))


def _checks(row: Mapping) -> str | None:
    return f"{row['checks']}; not published (`publish: false`)" if row["private"] else row["checks"]
