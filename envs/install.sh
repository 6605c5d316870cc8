#!/bin/sh
# Installs a lock file into a virtual environment; hashes are checked, and nothing else is installed.
#   install.sh .venv envs/requirements.txt
# By uv, which needs seconds where pip needs a minute: the one of this machine, else from the index, put
# beside the environment and not into it. Where there is none, or where it does not get through (it does
# not read all of pip's settings), by pip. Both compile what they install: where PYTHONDONTWRITEBYTECODE
# is set, as in many images, each process would else compile it anew, which is 3 s of CPU a run.
set -eu
venv=$1 lock=$2
pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

get_uv() {
  command -v uv && return
  test -x "$venv/uv/bin/uv" ||
    pip install --no-deps --require-hashes --target "$venv/uv" -r "$(dirname "$0")/requirements-uv.txt" || return
  echo "$venv/uv/bin/uv"
}

index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$(pip config get global.index-url 2> /dev/null || true)}}
test -z "$index" || export UV_DEFAULT_INDEX="$index"
export SSL_CERT_FILE="${SSL_CERT_FILE:-${PIP_CERT:-}}"
test -n "$SSL_CERT_FILE" || unset SSL_CERT_FILE
if uv=$(get_uv 2> /dev/null) &&
  "$uv" pip install --quiet --compile-bytecode --python "$venv/bin/python" --no-deps --require-hashes -r "$lock"; then
  exit
fi
echo "uv is not to be had or does not get through: installing with pip, about a minute …"
pip install --no-deps --require-hashes -r "$lock"
