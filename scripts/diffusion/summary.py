"""The summary of a run: what is published, where, how large."""

from collections.abc import Iterable, Mapping

from tabulate import tabulate


def summarise(receipts: Iterable[Mapping]) -> dict:
    """Return the summary of publishing receipts: one row an object, largest facts first."""
    rows = []
    for receipt in receipts:
        for item in receipt["objects"]:
            rows.append(
                {
                    "name": receipt["name"],
                    "rows": receipt.get("rows"),
                    "columns": len(receipt["columns"]) if "columns" in receipt else None,
                    "bytes": item["size"],
                    "url": f"{receipt['url']}/{item['key']}",
                    "sha256": item["sha256"],
                    "checks": receipt.get("checks"),
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
            "url": row["url"],
        }
        for row in summary["published"]
    ]
    align = ("left", "right", "right", "right", "left", "left")
    return "\nPublished:\n" + tabulate(shown, headers="keys", colalign=align) + "\n"
