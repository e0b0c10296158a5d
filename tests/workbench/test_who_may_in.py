"""The workbench is behind the door of the control API: token, name, origin; and no page has code within."""

from __future__ import annotations

import httpx
import pytest

from astra.sandbox import Sandbox
from tests.sandbox.test_door import ask
from tests.workbench.bench import ROOT, Bench, crawl

FORM = "application/x-www-form-urlencoded"


def test_the_control_url_opens_it_and_hides_the_token(sandbox: Sandbox) -> None:
    with httpx.Client(trust_env=False, follow_redirects=True) as http:
        answer = http.get(sandbox.control_url)
    assert (answer.status_code, str(answer.url)) == (200, f"{sandbox.url}{ROOT}")
    assert "What just happened" in answer.text
    assert sandbox.control_url.partition("token=")[2] not in answer.text


@pytest.mark.parametrize("path", ["", "/requests", "/users/anybody", "/live", "/scenarios/lost_answer/test.py"])
def test_nobody_sees_it_without_the_token(sandbox: Sandbox, path: str) -> None:
    status, headers, content = ask(f"{sandbox.url}{ROOT}{path}", Accept="text/html")
    assert status == 401
    assert b"This needs the control URL" in content
    assert "default-src 'none'" in headers["content-security-policy"]
    assert ask(f"{sandbox.url}{ROOT}{path}")[2].startswith(b"{")


def test_a_form_counts_only_from_the_workbench_itself(sandbox: Sandbox) -> None:
    cookie = ask(sandbox.control_url)[1]["set-cookie"].partition(";")[0]
    with_cookie = {"Cookie": cookie, "Content_Type": FORM}
    url, before = f"{sandbox.url}{ROOT}/do/advance", sandbox.now()
    for origin in (None, "null", "http://127.0.0.1:1", "http://localhost.evil.example", "https://evil.example"):
        given = with_cookie if origin is None else {**with_cookie, "Origin": origin}
        assert ask(url, body=b"hours=3", **given)[0] == 403, origin
    assert ask(url, body=b"hours=3", Content_Type=FORM, Origin=sandbox.url)[0] == 401
    assert (
        ask(url, body=b"hours=3", Cookie=with_cookie["Cookie"], Content_Type="text/plain", Origin=sandbox.url)[0] == 415
    )
    assert sandbox.now() == before
    assert ask(url, body=b"hours=3", **with_cookie, Origin=sandbox.url)[0] == 303
    assert (sandbox.now() - before).total_seconds() == 3 * 3600


def test_a_button_leads_back_to_no_other_site(bench: Bench) -> None:
    for back in ("https://evil.example/", "//evil.example", "/", "/_sandbox/workbenchevil", f"{ROOT}/\r\nX: y"):
        answer = bench.http.post(
            f"{ROOT}/do/freeze", data={"back": back}, headers={"Origin": bench.sandbox.url}, follow_redirects=False
        )
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{ROOT}?told=")


def test_no_page_has_code_or_style_within(crowd: tuple[Bench, dict[str, str]]) -> None:
    bench, _ = crowd
    for address, text in crawl(bench, most=60).items():
        for inline in ("<style", "<script>", " style=", " onclick=", "javascript:"):
            assert inline not in text, (address, inline)
    headers = bench.http.get(ROOT).headers
    for part in ("default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'"):
        assert part in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
