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
    """Return the summary as a table for the terminal."""
    shown = [
        {
            "name": row["name"],
            "rows": f"{row['rows']:,}" if row["rows"] is not None else "",
            "columns": row["columns"],
            "bytes": f"{row['bytes']:,}",
            "checks": row["checks"],
            "url": _place(row),
        }
        for row in summary["published"]
    ]
    align = ("left", "right", "right", "right", "left", "left")
    return "\nPublished:\n" + tabulate(shown, headers="keys", colalign=align) + "\n"


def _place(row: Mapping) -> str:
    if row["private"]:
        return "not published (`publish: false`)"
    return row["url"] + (f" ({row['files']} files)" if row["files"] > 1 else "")
