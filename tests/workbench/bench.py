"""The workbench as a browser without scripts sees it: links and forms."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any, Self
from urllib.parse import urlsplit

import attrs
import httpx

from astra.sandbox import Sandbox

ROOT = "/_sandbox/workbench"
PAGES = ("", "/requests", "/users", "/intents", "/money", "/money/balances", "/transfers", "/webhooks", "/faults")
PAGES += ("/scenarios", "/hosted", "/search?id=zzzz", "/transfers?lane=failed", "?kind=attempt", "/nowhere")


@attrs.define
class Form:
    """A form of a page."""

    method: str
    action: str
    fields: dict[str, str] = attrs.field(factory=dict)
    label: str = ""
    lines: list[str] = attrs.field(factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.inside = False
        self.select = ""
        self.button = self.code = False
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("method", "get"), given.get("action", "")))
            self.inside = True
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in ("input", "textarea") and self.inside and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "select" and self.inside:
            self.select = given["name"]
            self.forms[-1].fields.setdefault(self.select, "")
        elif tag == "button" and self.inside:
            self.button = True
        elif tag == "code" and self.forms:
            self.code = True
            self.forms[-1].lines.append("")

    def handle_data(self, data: str) -> None:
        if self.button:
            self.forms[-1].label += data
        if self.code:
            self.forms[-1].lines[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "button":
            self.button = False
        elif tag == "code":
            self.code = False


class Bench:
    """Looks at a sandbox's workbench with its cookie, and sends its forms as a browser does."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.http = httpx.Client(base_url=sandbox.url, trust_env=False, follow_redirects=True, timeout=30)
        self.http.get(sandbox.control_url)
        self.headers = {"Origin": sandbox.url, "Content-Type": "application/x-www-form-urlencoded"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str) -> str:
        """The text of a page."""
        answer = self.http.get(path if path.startswith("/_sandbox") else ROOT + path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def read(self, path: str) -> str:
        """What a person reads on a page."""
        return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.get(path))))

    def forms(self, path: str) -> list[Form]:
        """The forms of a page, each with the lines of code beside it."""
        return parsed(self.get(path)).forms

    def send(self, path: str, label: str, **changes: str) -> str:
        """Presses a button; the text of the page that it leads to."""
        (form, *_) = [form for form in self.forms(path) if form.label.strip() == label]
        return self.post(form, **changes).text

    def post(self, form: Form, **changes: str) -> httpx.Response:
        """Sends a form as a browser would."""
        fields: dict[str, Any] = {**form.fields, **changes}
        answer = self.http.post(form.action, data=fields, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer


def parsed(text: str) -> _Reader:
    """The forms and links of a page."""
    reader = _Reader()
    reader.feed(text)
    return reader


def crawl(bench: Bench, *, most: int = 400) -> dict[str, str]:
    """Every page of the workbench that links lead to, by address."""
    seen: dict[str, str] = {}
    waiting = [ROOT + page for page in PAGES]
    while waiting and len(seen) < most:
        address = waiting.pop(0).partition("#")[0]
        if address in seen or not address.startswith(ROOT):
            continue
        answer = bench.http.get(address)
        assert answer.status_code in (200, 404), (address, answer.text)
        seen[address] = answer.text
        for link in parsed(answer.text).links:
            # Of long lists a dozen of each kind is enough.
            if sum(urlsplit(one).path.rsplit("/", 1)[0] == urlsplit(link).path.rsplit("/", 1)[0] for one in seen) < 12:
                waiting.append(link)
    return seen
