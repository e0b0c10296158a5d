#!/bin/sh
# Makes the virtual environment. Safe to run again; pip does nothing when all is there.
set -eu

PYTHON="${PYTHON:-python3}"
VENV="${VENV:-.venv}"

"$PYTHON" - <<'CHECK'
import sys

if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12 ...")
CHECK

if [ ! -x "$VENV/bin/python" ]; then
    echo "Making $VENV"
    "$PYTHON" -m venv "$VENV"
fi
echo "Installing the SDK with its extras and development tools (about a minute the first time)"
# pip refuses a file that is not the one of which constraints.txt has the hash; ours is built with what that brought.
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints.txt
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
