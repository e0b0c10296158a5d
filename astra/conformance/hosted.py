"""Walks the hosted module as a browser without scripts: reads each form, fills it in, submits it."""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import urlencode, urljoin

from astra.conformance.outcome import CannotTell
from astra.conformance.wire import Exchange, send

MOST_STEPS: Final = 6
INPUT: Final = re.compile(r"<input\b([^>]*)>", re.DOTALL)
ATTRIBUTE: Final = re.compile(r'([\w-]+)(?:="([^"]*)")?')
FORM: Final = re.compile(r'<form method="post" action="([^"]+)"')
LINK: Final = re.compile(r'<a class="button" id="continue" href="([^"]+)"')


def walk(link: str, *, decision: str, timeout: float) -> str:
    """Returns where a person ends who takes a decision on every form of the module.

    Args:
        link: where the person begins.
        decision: "allow" or "decline".
        timeout: seconds for each page.

    Raises:
        CannotTell: a page is none that can be walked so.
    """
    url, sent = link, None
    for _ in range(MOST_STEPS):
        page = open_page(url, sent, timeout=timeout)
        if "location" in page.headers:
            return urljoin(url, page.headers["location"])
        text = page.content.decode("utf-8", "replace")
        if found := LINK.search(text):
            return html.unescape(found[1])
        form = FORM.search(text)
        if form is None:
            raise CannotTell(f"the hosted page ({page.status}) has neither a form nor a way back")
        fields = dict(filled(text))
        sent = urlencode({**fields, "decision": decision}).encode()
        url = urljoin(url, html.unescape(form[1]))
    raise CannotTell(f"the hosted module has more than {MOST_STEPS} pages")


def open_page(url: str, sent: bytes | None, *, timeout: float) -> Exchange:
    """Reads a page, or submits a form."""
    headers = {"Accept": "text/html"}
    if sent is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    method = "GET" if sent is None else "POST"
    return send(url, method, path="(hosted page)", headers=headers, body=sent, timeout=timeout)


def filled(text: str) -> list[tuple[str, str]]:
    """Returns the fields of a page with the values that it suggests; a box that is ticked counts."""
    found: list[tuple[str, str]] = []
    for tag in INPUT.findall(text):
        given = {name: html.unescape(value) for name, value in ATTRIBUTE.findall(tag)}
        if "name" in given and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            found.append((given["name"], given.get("value", "")))
    return found
