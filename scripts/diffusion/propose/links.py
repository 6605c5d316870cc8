"""A web page that is no portal's: the addresses of data that it links to."""

import html
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from diffusion.errors import DiffusionError, ProposalError

HREF = re.compile(r"""href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)
DATA = re.compile(
    r".*\.(csv|tsv|txt|json|ndjson|geojson|topojson|parquet|xlsx?|xlsb|ods|zip|7z|tar|tgz|gz|bz2|xz"
    r"|zst|gpkg|shp|kml|kmz|gml|gpx|fgb|dbf|dta|sav|sas7bdat|xpt|rds|rdata|sqlite|duckdb|feather"
    r"|arrow|orc|xml)|.*/(exports?|download|content)(/.*)?",
    re.IGNORECASE,
)
SHOWN = 15


def page_error(url: str, page: Path) -> DiffusionError:
    """Return the error of a page in place of data, with the files that it links to."""
    text = page.read_bytes().decode("utf-8", "replace")
    given = (html.unescape(next(filter(None, found), "")) for found in HREF.findall(text))
    links = [urljoin(url, link.strip()) for link in given]
    files = [link for link in dict.fromkeys(links) if DATA.fullmatch(urlsplit(link).path)]
    found = "is a web page, and of no portal whose API is known"
    if not files:
        fix = "open it in a browser, and give the address that downloads the data"
        return ProposalError(url, found, fix)
    more = f"\n… and {len(files) - SHOWN:,} more" if len(files) > SHOWN else ""
    listed = "\n".join(f"diffusion source '{link}'" for link in files[:SHOWN])
    return ProposalError(url, found, f"it links to these files:\n{listed}{more}")
