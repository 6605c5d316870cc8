#!/bin/sh
# Installs lock files into a virtual environment; hashes are checked, and nothing else is installed.
#   install.sh .venv envs/requirements.txt [envs/project.txt]
# Together, so that none moves a version of another. By uv, which needs seconds where pip needs a minute;
# where there is none, or where it does not get through (it does not read all of pip's settings), by pip.
# Both compile what they install: where PYTHONDONTWRITEBYTECODE is set, as in many images, each process
# would else compile it anew, which is 3 s of CPU a run.
set -eu
venv=$1
shift
. "$(dirname "$0")/uv.sh"
for lock; do set -- "$@" -r "$lock"; shift; done

if uv=$(get_uv 2> /dev/null) &&
  "$uv" pip install --quiet --compile-bytecode --python "$venv/bin/python" --no-deps --require-hashes "$@"; then
  exit
fi
echo "uv is not to be had or does not get through: installing with pip, about a minute …"
pip install --no-deps --require-hashes "$@"
