"""Finds the system's Chromium by the rule of scripts/chromium.sh. There is no skip: without a browser a test fails."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """The path of the browser: `CHROMIUM`, or one on PATH."""
    for candidate in (os.environ.get("CHROMIUM"), *NAMES):
        if candidate and (path := shutil.which(candidate)):
            return path
    raise AssertionError(
        "The browser tests need Chromium, and there is none: run `make chromium`, or set CHROMIUM=/path/to/chrome"
    )
