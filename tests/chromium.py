"""Finds the system's Chromium by the rule of scripts/chromium.sh. There is no skip: without a browser a test fails."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Runs the browser.

    Args:
        more: arguments beside the usual ones.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*ARGUMENTS, *more])
        yield browser
        browser.close()


def find_chromium() -> str:
    """The path of the browser: `CHROMIUM`, or one on PATH."""
    chosen = os.environ.get("CHROMIUM")
    for candidate in (chosen,) if chosen else NAMES:
        if path := shutil.which(candidate):
            return path
    raise AssertionError(
        f"CHROMIUM={chosen} cannot be run"
        if chosen
        else "The browser tests need Chromium, and there is none: run `make chromium`, or set CHROMIUM=/path/to/chrome"
    )
