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
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[all]" \
    --group codegen --group lint --group test --group docs
