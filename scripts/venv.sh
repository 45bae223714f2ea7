# Sourced by ./try, ./check and .ci/run: makes the checkout's own virtual environment, or reuses it.
#
#   prepare [EXTRA…]     afterwards $VENV/bin holds untangle and what the extras of pyproject.toml name
#
# Needs python3 (3.11 or newer) with venv. Nothing outside the checkout is changed. An environment is reused as long as
# pyproject.toml and its Python stay the same; one that these scripts did not make is used but never removed.
# UNTANGLE_PYTHON names the interpreter to use where the first suitable one on PATH is not wanted.

ROOT=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
VENV=$ROOT/.venv

# A caller's Python settings must not leak into the environment.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
stop() {
  say "$1"
  [ $# -lt 2 ] || say "  hint: $2"
  exit 2
}

# Prints the first interpreter that is new enough.
find_python() {
  local candidate seen=""
  for candidate in ${UNTANGLE_PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
    seen="$seen $("$candidate" --version 2>&1 | head -n 1)"
  done
  stop "untangle needs Python 3.11 or newer; found:${seen:- none}" "install python3, or set UNTANGLE_PYTHON to a newer interpreter"
}

# An environment cannot be moved: one that was made in another place is made anew.
works() {
  [ ! -e "$VENV/.made-by-untangle" ] || [ "$(cat -- "$VENV/.made-by-untangle")" = "$ROOT" ] || return 1
  "$VENV/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

make_venv() {
  local python
  if [ -e "$VENV" ]; then
    [ -e "$VENV/.made-by-untangle" ] || stop "$VENV is there, but has no pip or a Python older than 3.11" "move it away and run this again"
    rm -rf -- "$VENV"
  fi
  python=$(find_python) || exit 2
  "$python" -c 'import venv, ensurepip' 2>/dev/null || stop "$python has no venv module" "on Debian: apt install python3-venv"
  say "making .venv with $("$python" --version) (once)"
  mkdir -p -- "$VENV" && printf '%s\n' "$ROOT" >"$VENV/.made-by-untangle"
  "$python" -m venv "$VENV" || stop "cannot make $VENV" "on Debian: apt install python3-venv"
}

prepare() {
  local key part extras missing=()
  works || make_venv
  key=$(cd -- "$ROOT" && { cat pyproject.toml; "$VENV/bin/python" --version; } | sha256sum)
  for part in untangle "$@"; do
    [ "$(cat -- "$VENV/.installed-$part" 2>/dev/null)" = "$key" ] || missing+=("$part")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  extras=$(IFS=,; printf '%s' "$*")
  say "installing into .venv: ${missing[*]}"
  "$VENV/bin/python" -m pip install --quiet --editable "$ROOT${extras:+[$extras]}" >&2 \
    || stop "pip could not install untangle" "its messages are above; is the package index reachable?"
  for part in untangle "$@"; do
    printf '%s\n' "$key" >"$VENV/.installed-$part"
  done
}
