#!/bin/sh
# Makes sure that a Chromium is there for the browser tests: CHROMIUM, or one on PATH, or the system's package.
set -eu

if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || { echo "CHROMIUM=$CHROMIUM cannot be run" >&2; exit 1; }
    exit 0
fi
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        root=""
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        root="sudo -n"
    else
        root="none"
    fi
    if [ "$root" != none ]; then
        echo "Installing the system's Chromium for the browser tests (once)"
        $root apt-get update -qq
        DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends chromium >/dev/null
        exit 0
    fi
fi
cat >&2 <<'HELP'
The browser tests need Chromium, and it cannot be installed from here without your password. Install it yourself:
    Debian, Ubuntu:  sudo apt-get install chromium
    Fedora:          sudo dnf install chromium
    macOS:           brew install --cask chromium
or name one that you have: CHROMIUM=/path/to/chrome make test
HELP
exit 1
