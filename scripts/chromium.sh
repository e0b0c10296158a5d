#!/bin/sh
# Makes sure that a Chromium is there for the browser tests: CHROMIUM, or one on PATH, or the system's package.
set -eu

if [ -n "${CHROMIUM:-}" ]; then
    [ -x "$CHROMIUM" ] || { echo "CHROMIUM=$CHROMIUM cannot be run" >&2; exit 1; }
    exit 0
fi
# Chromium without its windows comes first: it is the same browser, starts faster and takes half the processor time.
for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
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
        package=chromium
        apt-cache show chromium-headless-shell >/dev/null 2>&1 && package=chromium-headless-shell
        DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $package >/dev/null
        exit 0
    fi
fi
cat >&2 <<'HELP'
The browser tests need Chromium, and it cannot be installed from here without your password. Install it yourself:
    Debian:          sudo apt-get install chromium-headless-shell
    Ubuntu:          sudo apt-get install chromium
    Fedora:          sudo dnf install chromium
    macOS:           brew install --cask chromium
or name one that you have: CHROMIUM=/path/to/chrome make test
HELP
exit 1
