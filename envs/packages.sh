#!/bin/sh
# Locks the project's own packages, envs/project.in, into envs/project.txt: with hashes, and beside the
# versions of the template's locks, of which none is moved.
#   packages.sh .venv
set -eu
venv=$1
here=$(dirname "$0")
. "$here/uv.sh"

uv=$(get_uv) || { echo "uv is needed to lock packages, and cannot be had from the index: install uv"; exit 1; }
"$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-emit-index-url --no-header "$here/project.in" --output-file "$here/project.txt" \
  --constraint "$here/requirements-dev.txt" --constraint "$here/requirements-slurm.txt" \
  --constraint "$here/requirements-kubernetes.txt"
