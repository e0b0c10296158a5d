#!/bin/sh
# Makes the virtual environment. Safe to run again; pip does nothing when all is there.
# `setup.sh demo` makes one that the demo runs with, of what the README installs, and leaves one that has this as it is.
set -eu

PYTHON="${PYTHON:-python3}"
VENV="${VENV:-.venv}"

"$PYTHON" - <<'CHECK'
import sys

if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12 ...")
CHECK

# Without its package venv, Debian's Python leaves an environment that has no pip.
if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "Making $VENV"
    "$PYTHON" -m venv "$VENV"
fi
if [ "${1:-}" = demo ]; then
    if ! "$VENV/bin/python" -c "import attrs, httpx, msgspec, rich, starlette, uvicorn" 2>/dev/null; then
        echo "Installing the SDK with its local Astra (about a minute, the first time)"
        "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check '.[sandbox,cli]'
    fi
    exit
fi
echo "Installing the SDK with its extras and development tools: some 200 packages, up to five minutes the first time"
# pip refuses a file that is not the one of which constraints.txt has the hash; ours is built with what that brought.
# Most of it is never imported, so it is not compiled until it is: that saves twenty seconds of two minutes.
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile \
    --require-hashes --requirement constraints.txt
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
