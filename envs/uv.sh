# Read by install.sh and packages.sh, which have set `venv`: pip of that environment, and uv, the one of this
# machine, else from the index, put beside the environment and not into it.
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
