"""Who may in: no page of another origin, no name that was pointed to this machine, and nobody without the token."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import httpx
import pytest

from astra import ConfigurationError
from astra.sandbox import RemoteSandbox, Sandbox
from astra.sandbox.http.door import Door

TOKEN = "a-token-of-the-tests"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    return sandbox.control_url.partition("token=")[2]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def ask(url: str, *, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Asks as curl would."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(urllib.request.Request(url, body, named), timeout=10) as answer:
            return answer.status, dict(answer.headers.items()), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers.items()), error.read()


def test_nobody_controls_it_without_the_token(sandbox: Sandbox, token: str) -> None:
    before = sandbox.now()
    wrong: list[dict[str, str]] = [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {token}"}]
    for headers in (*wrong, {"Cookie": "astra_sandbox=x"}):
        for action, body in (("advance", b'{"hours": 3}'), ("requests", None)):
            status, _, content = ask(f"{sandbox.url}/_sandbox/{action}", body=body, **JSON, **headers)
            assert status == 401
            assert "control_url" in json.loads(content)["error"]
    assert sandbox.now() == before
    right = JSON | {"Authorization": f"Bearer {token}"}
    assert ask(f"{sandbox.url}/_sandbox/advance", body=b'{"hours": 3}', **right)[0] == 200
    assert sandbox.now() != before


def test_the_printed_url_gives_a_browser_a_cookie_and_hides_the_token(sandbox: Sandbox) -> None:
    status, headers, _ = ask(sandbox.control_url)
    assert (status, headers["location"]) == (303, "/_sandbox/workbench")
    cookie = headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/_sandbox"):
        assert part in cookie
    status, _, content = ask(f"{sandbox.url}/_sandbox/counts", Cookie=f"other=1; {cookie.partition(';')[0]}")
    assert (status, content) == (200, b"{}")


def test_the_cookie_which_every_port_of_this_machine_gets_is_not_the_token(sandbox: Sandbox, token: str) -> None:
    pair = ask(sandbox.control_url)[1]["set-cookie"].partition(";")[0]
    name, _, value = pair.partition("=")
    port = sandbox.url.rpartition(":")[2]
    assert name == f"astra_sandbox_{port}"
    assert token not in value
    before = sandbox.now()
    advance = f"{sandbox.url}/_sandbox/advance"
    for given in (
        {"Authorization": f"Bearer {value}"},
        {"Cookie": pair},
        {"Cookie": f"{name}={token}"},
        {"Cookie": pair, "Origin": sandbox.url},
    ):
        assert ask(advance, body=b'{"hours": 3}', **JSON, **given)[0] == 401
    assert ask(f"{advance}?token={value}", body=b'{"hours": 3}', **JSON)[0] == 401
    assert ask(f"{sandbox.url}/_sandbox?token={value}")[0] == 401
    assert ask(f"{sandbox.url}/_sandbox/counts", Cookie=pair, Host="127.0.0.1:1")[0] == 401
    assert sandbox.now() == before


def test_a_browser_has_two_sandboxes_open(sandbox: Sandbox) -> None:
    with Sandbox() as second, httpx.Client(trust_env=False, follow_redirects=True) as browser:
        for one in (sandbox, second, sandbox, second):
            assert browser.get(one.control_url).status_code == 200
        for one in (sandbox, second):
            assert browser.get(f"{one.url}/_sandbox/workbench").status_code == 200


def test_a_form_of_a_browser_cannot_be_a_control_request(sandbox: Sandbox, token: str) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = {"Content_Type": kind, "Authorization": f"Bearer {token}"}
        status, _, content = ask(f"{sandbox.url}/_sandbox/advance", body=b'{"hours": 3}', **headers)
        assert status == 415
        assert "application/json" in json.loads(content)["error"]


@pytest.mark.parametrize("path", ["/_sandbox/advance", "/v1/oauth/token", "/login/oauth/authorize"])
def test_a_page_of_another_origin_may_change_nothing(sandbox: Sandbox, token: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {token}"} | JSON
    for origin in ("http://127.0.0.1:1", "https://evil.example", "null", "http://localhost.evil.example"):
        status, _, content = ask(f"{sandbox.url}{path}", body=b"{}", Origin=origin, **headers)
        assert status == 403
        assert "another origin" in json.loads(content)["error"]
    assert sandbox.requests == []
    assert ask(f"{sandbox.url}{path}", body=b"{}", Origin=sandbox.url, **headers)[0] != 403


@pytest.mark.parametrize("path", ["/", "/v1/user", "/_sandbox/counts", "/healthz", "/assets/style.css"])
def test_a_name_that_was_pointed_here_reaches_nothing(sandbox: Sandbox, token: str, path: str) -> None:
    port = sandbox.url.rpartition(":")[2]
    for host in (f"evil.example:{port}", "evil.example", f"127.0.0.1.evil.example:{port}", "", "a b", "[::1"):
        status, _, content = ask(f"{sandbox.url}{path}", Host=host, Authorization=f"Bearer {token}")
        if status == 400 and not content.startswith(b"{"):
            continue  # it was no HTTP
        assert status == 403, host
        assert "--allow-host" in json.loads(content)["error"]
    for host in (f"localhost:{port}", f"127.0.0.2:{port}", f"[::1]:{port}", "astra.localhost", "172.17.0.2:8787"):
        assert ask(f"{sandbox.url}{path}", Host=host, Authorization=f"Bearer {token}")[0] != 403


def test_a_name_can_be_allowed(sandbox: Sandbox) -> None:
    with Sandbox(allow_hosts=["astra-sandbox"]) as allowing:
        assert ask(f"{allowing.url}/healthz", Host="astra-sandbox:8787")[0] == 200
        assert ask(f"{allowing.url}/healthz", Host="other:8787")[0] == 403
    assert ask(f"{sandbox.url}/healthz", Host="astra-sandbox:8787")[0] == 403


@pytest.mark.parametrize("name", ["http://app", "app:8787", "app/", "", " ", "*", "a b", "ä.example", None, 7])
def test_a_name_that_nobody_can_come_by_is_refused(name: Any) -> None:
    for argument in ("allow_hosts", "webhook_hosts", "host"):
        with pytest.raises(ConfigurationError, match=f"{argument} has .* give a host name alone"):
            Sandbox(**{argument: name if argument == "host" else [name]})


def test_a_name_is_the_same_in_capital_letters() -> None:
    with Sandbox(allow_hosts=["Astra-Sandbox"], webhook_hosts=["APP"]) as sandbox:
        assert ask(sandbox.url + "/healthz", Host="ASTRA-sandbox:8787")[0] == 200
        sandbox.webhooks.register("http://App:8000/hooks")


def test_a_health_check_needs_nothing(sandbox: Sandbox) -> None:
    status, headers, content = ask(f"{sandbox.url}/healthz")
    assert (status, headers["content-type"], json.loads(content)) == (200, "application/json", {"status": "ok"})


@pytest.mark.parametrize("path", ["/", "/nowhere", "/login/oauth/authorize", "/verify/personal", "/assets/code.js"])
def test_no_page_has_code_or_style_within(sandbox: Sandbox, path: str) -> None:
    _, headers, content = ask(f"{sandbox.url}{path}", Accept="text/html")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    for inline in (b"<style", b"<script>", b" style=", b" onclick=", b"javascript:"):
        assert inline not in content


def test_every_template_leaves_code_and_style_outside() -> None:
    from astra.sandbox.http.templating import FOLDER

    templates = list((FOLDER / "templates").glob("*.html"))
    assert len(templates) > 10
    for template in templates:
        text = template.read_text("utf-8")
        for inline in ("<style", "<script>", " style=", " onclick=", " onload=", "javascript:"):
            assert inline not in text, template.name


def test_an_asset_is_one_of_two_files(sandbox: Sandbox) -> None:
    for path in ("/assets/door.py", "/assets/..%2Fdoor.py", "/assets/%2e%2e/app.py"):
        assert ask(f"{sandbox.url}{path}")[0] == 404


def test_the_token_can_be_chosen_and_is_not_shown() -> None:
    with Sandbox(control_token=TOKEN) as sandbox:
        remote = RemoteSandbox(sandbox.url, token=TOKEN)
        assert remote.now() <= sandbox.now()
        assert RemoteSandbox(remote.control_url).client_id == sandbox.client_id
        assert remote.control_url == sandbox.control_url
        for shown in (repr(sandbox), repr(remote), repr(remote._target), repr(Door(token=TOKEN))):
            assert TOKEN not in shown


def test_the_environment_can_name_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASTRA_SANDBOX_TOKEN", TOKEN)
    with Sandbox(control_token=TOKEN) as sandbox:
        assert RemoteSandbox(sandbox.url).client_id == sandbox.client_id


@pytest.mark.parametrize("token", ["", "short", "fifteen-charact", "a token with spaces", "ü" * 20, 7])
def test_a_token_that_could_be_guessed_is_refused(token: Any) -> None:
    with pytest.raises(ConfigurationError, match="at least 16 visible ASCII characters"):
        Sandbox(control_token=token)


def test_without_a_token_the_way_to_one_is_told(sandbox: Sandbox) -> None:
    with pytest.raises(ConfigurationError, match="needs its token: give RemoteSandbox the control URL"):
        RemoteSandbox(sandbox.url)
    with pytest.raises(ConfigurationError, match="needs the sandbox's token"):
        RemoteSandbox(sandbox.url, token="x" * 20).now()
