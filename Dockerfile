# The image of runs on Kubernetes: Python, git and the locked environment, with the project's own packages
# where it has some, and no code of the project, which the main process hands to the jobs through S3
# (profiles/kubernetes).
#   make image IMAGE=…/diffusion:2026-01
FROM python:3.11-slim-bookworm

# Snakemake asks git which files belong to the project
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/*

# a pattern: the last one may not be there
COPY envs/requirements.txt envs/requirements-kubernetes.txt envs/project.tx[t] /opt/diffusion/

# hashes are checked; what has no wheel is built; the wheel of the storage plugin stays, for what comes next
RUN cd /opt/diffusion \
 && pip wheel --quiet --no-cache-dir --no-deps --require-hashes --wheel-dir /tmp/wheels \
      -r requirements.txt -r requirements-kubernetes.txt \
      $(test ! -e project.txt || echo -r project.txt) \
 && pip install --quiet --no-cache-dir --no-deps --no-index /tmp/wheels/* \
 && mv /tmp/wheels/snakemake_storage_plugin_s3-* . \
 && rm -r /tmp/wheels

# Each job begins with `pip install snakemake-storage-plugin-s3`, which cannot be switched off: it gets
# the locked wheel, from here and without dependencies (they are there), and needs no package index.
ENV PIP_NO_INDEX=1 PIP_NO_DEPS=1 PIP_FIND_LINKS=/opt/diffusion

# Recent S3 clients send checksums that servers other than Amazon's refuse.
ENV AWS_REQUEST_CHECKSUM_CALCULATION=when_required AWS_RESPONSE_CHECKSUM_VALIDATION=when_required

# Like Ctrl-C: Python, as the first process of a pod, would not see SIGTERM while it starts.
STOPSIGNAL SIGINT

RUN useradd --create-home --uid 1000 diffusion && install --directory --owner diffusion /workdir
USER 1000
WORKDIR /workdir
