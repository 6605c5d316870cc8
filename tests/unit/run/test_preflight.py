"""What is checked before Snakemake does anything."""

import pytest

from diffusion.errors import DiffusionError
from diffusion.run.preflight import check_work_prefix


def test_the_work_prefix_is_of_this_project() -> None:
    prefix = "s3://lake/snakemake/team-a"
    check_work_prefix("team-a", prefix, {"DIFFUSION_PROJECT": "team-a"})
    check_work_prefix("team-a", prefix, {})  # given on the command line
    check_work_prefix("team-a", None, {"DIFFUSION_PROJECT": "other"})  # results are in this folder
    with pytest.raises(
        DiffusionError, match=r"it is `team-a`, and `project.name` is `b`"
    ) as caught:
        check_work_prefix("b", prefix, {"DIFFUSION_PROJECT": "team-a"})
    assert caught.value.fix == "export DIFFUSION_PROJECT=b"
    with pytest.raises(DiffusionError, match="it is not set"):
        check_work_prefix("b", "s3://lake/snakemake/$DIFFUSION_PROJECT", {})
