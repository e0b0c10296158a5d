"""The conformance suite against any base URL: what is run there, what is not, and how a wrong setup ends."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from astra.conformance import CHECKS
from astra.conformance import __main__ as command
from astra.conformance.hosted import walk
from astra.conformance.remote import is_production
from astra.sandbox import Sandbox
from astra.sandbox.engine import oauth
from astra.sandbox.handlers import HANDLERS
from tests.conformance.servers import answering, hanging, scripted


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(seed=1) as sandbox:
        monkeypatch.setenv("ASTRA_CLIENT_ID", sandbox.client_id)
        monkeypatch.setenv("ASTRA_CLIENT_SECRET", sandbox.client_secret)
        monkeypatch.setenv("ASTRA_REDIRECT_URI", sandbox.redirect_uri)
        yield sandbox


def code_of(sandbox: Sandbox) -> str:
    return sandbox.authorize(user_id=sandbox.users.create(accounts=2).id)


def report(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, dict[str, str]], str]:
    out, err = capsys.readouterr()
    return {result["id"]: result for result in json.loads(out)["results"]}, err


def test_a_server_behind_a_url_is_checked_as_far_as_calls_go_and_the_rest_is_counted(sandbox, capsys):
    assert command.main(["--base", sandbox.url, "--code", code_of(sandbox)]) == 0
    out, err = capsys.readouterr()
    assert "moves no money" in err
    *_, summary = out.split("\n\n")
    first, *lines = summary.splitlines()
    assert first.startswith("38 pass, 0 fail, 4 cannot-tell, 33 not-run of 75 checks")
    assert sum(int(line.split()[0]) for line in lines) == 33
    assert any("for want of a clock that can be moved" in line for line in lines)
    assert any("for want of leave to move money (--with-payments)" in line for line in lines)


def test_no_routine_is_made_without_leave_and_what_will_be_done_is_said_before(sandbox, capsys):
    assert command.main(["--base", sandbox.url, "--code", code_of(sandbox), "--json"]) == 0
    made = [request for request in sandbox.requests if (request.method, request.path) == ("POST", "/v1/routines")]
    assert made == []
    capsys.readouterr()
    assert command.main(["--base", sandbox.url, "--code", code_of(sandbox), "--with-payments", "--json"]) == 0
    results, err = report(capsys)
    made = [request for request in sandbox.requests if (request.method, request.path) == ("POST", "/v1/routines")]
    assert 0 < len(made) <= 40
    assert "makes up to 40 payments of a dollar each" in err
    assert results["payment.created"]["verdict"] == "pass"


def test_a_person_who_opens_the_link_and_pastes_where_it_led_makes_the_checks_of_codes_run(
    sandbox, capsys, monkeypatch
):
    monkeypatch.setattr(command, "ask", lambda link: walk(link, decision="allow", timeout=30.0) + "\n")
    assert command.main(["--base", sandbox.url, "--interactive", "--json"]) == 0
    results, _ = report(capsys)
    wanted = [check.id for check in CHECKS if set(check.needs) <= {"person", "code"} and "code" in check.needs]
    assert wanted
    assert {results[one]["verdict"] for one in wanted} == {"pass"}


def test_webhooks_are_checked_where_they_already_come_to(sandbox, capsys, unused_tcp_port):
    url = f"http://127.0.0.1:{unused_tcp_port}/"
    sandbox.webhooks.register(url)
    given = ["--base", sandbox.url, "--webhook-url", url, "--webhook-port", str(unused_tcp_port)]
    assert command.main([*given, "--only", "webhook.signature", "--only", "webhook.intent", "--json"]) == 0
    results, _ = report(capsys)
    assert {result["verdict"] for result in results.values()} == {"pass"}


def test_a_webhook_url_that_leads_elsewhere_is_told_before_anything_waits_for_it(sandbox, capsys, unused_tcp_port):
    with answering(200, b"", content_type="text/plain") as elsewhere:
        given = ["--base", sandbox.url, "--webhook-url", elsewhere, "--webhook-port", str(unused_tcp_port)]
        assert command.main(given) == 2
    assert "does not lead to port" in one_line(capsys)


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_no_secret_is_in_anything_that_is_printed(sandbox, capsys, monkeypatch, form):
    secrets = {sandbox.client_secret}
    rule = HANDLERS["exchange_token"]

    def exchange(engine, call):
        secrets.update(str(value) for name, value in call.body.items() if name in ("code", "refresh_token"))
        answer = rule(engine, call)
        secrets.update(answer.body[name] for name in ("access_token", "refresh_token"))
        # So that checks fail, whose reasons are printed.
        return type(answer)(answer.status, {**answer.body, "token_type": answer.body["access_token"]})

    monkeypatch.setitem(HANDLERS, "exchange_token", exchange)
    monkeypatch.setattr(command, "ask", lambda link: walk(link, decision="allow", timeout=30.0))
    monkeypatch.setenv("ASTRA_REFRESH_TOKEN", first_refresh_token(sandbox))
    assert command.main(["--base", sandbox.url, "--interactive", "--with-payments", *form]) == 1
    out, err = capsys.readouterr()
    secrets -= {"conformance"}
    assert len(secrets) > 20
    assert [secret for secret in secrets if secret in out + err] == []


def first_refresh_token(sandbox: Sandbox) -> str:
    user = sandbox.users.create(accounts=2)
    engine = sandbox._backend.engine  # pyright: ignore[reportPrivateUsage]
    issued = oauth.issue(engine, engine.state.clients[sandbox.client_id], user)
    return str((issued[0] if isinstance(issued, list) else issued)["refresh_token"])


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The line that says why nothing was run; the one that says what would be done may stand before it."""
    out, err = capsys.readouterr()
    assert out == ""
    said = [line for line in err.splitlines() if " checks of " not in line]
    assert len(said) == 1, err
    return said[0]


def test_without_credentials_nothing_is_called(capsys, monkeypatch):
    monkeypatch.delenv("ASTRA_CLIENT_ID", raising=False)
    assert command.main(["--base", "http://127.0.0.1:9"]) == 2
    assert "ASTRA_CLIENT_ID" in one_line(capsys)


@pytest.mark.parametrize(
    ("base", "says"),
    [
        ("http://sandbox.example.com", "plain http"),
        ("https://api.astra.finance", "production"),
        ("https://me:secret@example.com", "must not hold credentials"),
        ("sandbox", "https address"),
    ],
)
def test_a_base_url_that_must_not_be_called_is_refused(sandbox, capsys, base, says):
    assert command.main(["--base", base]) == 2
    line = one_line(capsys)
    assert says in line
    assert "secret" not in line.replace("its secret", "")


PRODUCTION = [
    "https://API.astra.finance/",
    "https://api.astra.finance:443",
    "https://api.astra.finance:8443",
    "https://api.astra.finance.",
    "https://api.astra.finance/v1",
    "https://api.astra\u3002finance",
    "https://secure.api.astra.finance",
    "https://app.astra.finance",
    "https://dashboard.astra.finance",
]


@pytest.mark.parametrize("url", PRODUCTION)
def test_production_is_refused_however_it_is_spelled(sandbox, capsys, url):
    assert command.main(["--base", url]) == 2
    one_line(capsys)
    assert command.main(["--base", "https://api-sandbox.astra.finance", "--app", url]) == 2
    one_line(capsys)


def test_an_environment_that_says_production_is_refused_whatever_the_address(sandbox, capsys, monkeypatch):
    monkeypatch.setenv("ASTRA_ENVIRONMENT", "production")
    assert command.main(["--base", sandbox.url]) == 2
    assert "ASTRA_ENVIRONMENT says production" in one_line(capsys)
    assert sandbox.requests == []


@pytest.mark.parametrize("url", ["https://api-sandbox.astra.finance", "https://secure.api-sandbox.astra.finance:443"])
def test_the_hosts_of_the_sandbox_are_no_production(url):
    assert not is_production(url)


def test_a_server_that_is_not_there_is_a_line_and_an_exit_status_of_its_own(sandbox, capsys, unused_tcp_port):
    assert command.main(["--base", f"http://127.0.0.1:{unused_tcp_port}"]) == 3
    assert "cannot be reached" in one_line(capsys)


@pytest.mark.parametrize("drips", [False, True])
def test_a_server_that_hangs_is_given_up(sandbox, capsys, drips):
    with hanging(drips=drips) as base:
        assert command.main(["--base", base, "--timeout", "0.3"]) == 3
    assert "TimeoutError" in one_line(capsys)


def test_a_web_page_is_no_astra(sandbox, capsys):
    with answering(200, b"<html>Welcome</html>", content_type="text/html; charset=utf-8") as base:
        assert command.main(["--base", base]) == 4
    assert "answered 200 with text/html" in one_line(capsys)


@pytest.mark.parametrize("status", [200, 400, 404])
def test_an_api_that_answers_in_json_but_not_as_astra_does_is_no_astra(sandbox, capsys, status):
    with answering(status, b'{"message": "not found"}', content_type="application/json") as base:
        assert command.main(["--base", base]) == 4
    assert "is no Astra" in one_line(capsys)


def test_wrong_keys_end_the_run_before_it_begins(sandbox, capsys, monkeypatch):
    def wrong(asked):
        return 400, {"error": "invalid_client"} if asked.path == "/v1/oauth/token" else {}

    with scripted(wrong) as base:
        assert command.main(["--base", base]) == 5
    assert "refuses the client's credentials (400" in one_line(capsys)
    monkeypatch.setenv("ASTRA_CLIENT_SECRET", "not-the-secret-of-this-client")
    assert command.main(["--base", sandbox.url]) == 5
    assert "refuses the client's credentials (401" in one_line(capsys)


def test_what_will_be_done_is_said_before_a_code_is_spent(sandbox, capsys, monkeypatch):
    said = []
    monkeypatch.setattr(command, "say", said.append)
    monkeypatch.setattr(command, "probe", lambda target: pytest.fail("nothing was said") if not said else target)
    assert command.main(["--base", sandbox.url, "--code", "a-code", "--only", "request-id"]) == 2  # no call
    assert "exchanges the code" in said[0]


def test_a_server_that_is_busy_all_the_time_is_told_as_that(sandbox, capsys):
    with scripted(lambda _: (429, {}, {"Retry-After": "0"})) as base:
        assert command.main(["--base", base]) == 3
    assert "does not serve it now" in one_line(capsys)


def test_a_server_that_gets_busy_fails_no_check(sandbox, capsys, monkeypatch):
    monkeypatch.setattr(command, "probe", lambda target: target)
    busy = {"code": 429, "name": "Too Many Requests", "description": "Slow down."}
    with scripted(lambda _: (429, busy, {"Retry-After": "0"})) as base:
        assert command.main(["--base", base, "--json"]) == 0
    results, _ = report(capsys)
    assert "fail" not in {result["verdict"] for result in results.values()}


def test_who_stops_it_sees_what_was_found(sandbox, capsys, monkeypatch):
    from astra.conformance import world

    send, calls = world.send, []

    def stopped(url, method, **given):
        calls.append(method)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return send(url, method, **given)

    monkeypatch.setattr(world, "send", stopped)
    assert command.main(["--base", sandbox.url]) == 2
    out, _ = capsys.readouterr()
    assert "pass        intent.created" in out
    assert "for want of time: it was stopped" in out
    assert len(calls) == 8


def test_a_server_that_refuses_everybody_refuses_the_credentials(sandbox, capsys):
    with answering(401, b'{"error": "invalid_client"}', content_type="application/json") as base:
        assert command.main(["--base", base]) == 5
    assert "refuses the client's credentials (401" in one_line(capsys)


def test_a_refused_code_or_refresh_token_ends_the_run_before_it_begins(sandbox, capsys, monkeypatch):
    assert command.main(["--base", sandbox.url, "--code", "http://localhost/callback?code=stale-code"]) == 5
    line = one_line(capsys)
    assert "The code was refused" in line
    assert "stale-code" not in line
    monkeypatch.setenv("ASTRA_REFRESH_TOKEN", "stale-token")
    assert command.main(["--base", sandbox.url]) == 5
    line = one_line(capsys)
    assert "The refresh token was refused" in line
    assert "stale-token" not in line


def test_a_server_that_stops_to_answer_ends_the_run_with_what_was_found(sandbox, capsys, monkeypatch):
    from astra.conformance import world
    from astra.conformance.outcome import NoAnswer

    send, calls = world.send, []

    def dying(url, method, **given):
        calls.append(method)
        if len(calls) > 8:
            raise NoAnswer(f"{method} {given['path']} got no answer: TimeoutError")
        return send(url, method, **given)

    monkeypatch.setattr(world, "send", dying)
    assert command.main(["--base", sandbox.url]) == 3
    out, _ = capsys.readouterr()
    assert "for want of a server that answers: 3 calls in a row got no answer" in out
    assert len(calls) == 11
    assert "pass        intent.created" in out


def test_an_answer_of_a_form_that_nobody_thought_of_is_no_traceback(sandbox, capsys, monkeypatch):
    with answering(200, b"[" * 3000 + b"]" * 3000, content_type="application/json") as base:
        assert command.main(["--base", base]) == 4
    one_line(capsys)
    monkeypatch.setattr(command, "probe", lambda target: target)
    with answering(200, b'{"id": {}, "status": [], "expires_in": "1e999999"}', content_type="text/html") as base:
        assert command.main(["--base", base, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["counts"]["fail"] > 5
