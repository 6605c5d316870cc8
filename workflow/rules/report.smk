# Report: what `snakemake --report` shows beside Snakemake's own graph and statistics. No rule stands here.
# The pages are written when a report is asked for, from what the jobs left; they are inputs of `all`.
# To change what they say: scripts/diffusion/catalogue/page/templates/report-*.html.

from diffusion.run.reporting import Pages

PAGES = Pages(JOBS, STATE)


report: PAGES.front


def marked(result):
    """A file as one of the report's; what is written here is no result of a job."""
    path = local(result.path) if result.is_here else result.path
    return report(path, result.caption, result.category, labels=result.labels)


REPORTED = [marked(result) for result in PAGES.results()]
