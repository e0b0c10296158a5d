"""`astra tokens keep-alive` says what it did and what it doubts, and exits with a code that cron understands."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import pytest

from astra.cli.tokens.opening import Opened
from astra.cli.tokens.renewing import print_report
from astra.tokens import TokenStore, open_store
from astra.tokens.keep_alive import KeepAliveReport
from scripts.bench.sandbox_process import SandboxProcess
from tests.cli.tokens.operators import ME, as_json, astra
from tests.cli.tokens.test_ending import Seed


def printed(report: KeepAliveReport) -> str:
    store: TokenStore = open_store("memory://")
    with redirect_stdout(io.StringIO()) as out:
        print_report(report, Opened(base=store, place="memory", identity=ME, keys=()), as_json=False)
    return out.getvalue()


def test_what_is_doubted_and_forgotten_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    text = printed(
        KeepAliveReport(refreshed=1, doubted=2, forgotten=3, failed=4, errors={"Timeout[x]": 4}, ended_early="[why]")
    )
    assert "1 refreshed, 0 skipped, 4 failed, 0 need re-authorization" in text
    assert "2 refused, which is not believed" in text
    assert "3 deleted" in text
    assert "Timeout[x]: 4" in text
    assert "ended early: [why]" in text


def test_a_line_is_not_broken_where_there_is_no_terminal_and_says_where_to_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    why = "the store has no grants of production, client client-1, but 3 of sandbox, client client-1"
    lines = printed(
        KeepAliveReport(failed=2, needs_reauthorization=1, errors={"OAuthError": 2}, ended_early=why)
    ).splitlines()
    assert lines[0].startswith("0 refreshed, 0 skipped, 2 failed, 1 need re-authorization in 0.0 s")
    assert lines[1:] == [
        "  OAuthError: 2",
        "  whose: astra tokens list --state failing",
        "  the whole error of one, and what to do: astra tokens refresh KEY",
        "  who has to authorize again: astra tokens list --state dead",
        f"  ended early: {why}",
    ]


def test_a_good_run_says_no_more_than_one_line() -> None:
    assert len(printed(KeepAliveReport(refreshed=1)).splitlines()) == 1


def test_a_store_whose_refusals_are_not_believed_exits_with_1(url: str, seed: Seed, sandbox: SandboxProcess) -> None:
    for user, *_ in seed(30):
        sandbox.do("kill_refresh", user_id=user)
    result = astra("keep-alive", "--json")
    shown = as_json(result)
    assert (result.exit_code, shown["exit_code"], shown["ok"]) == (1, 1, False)
    assert shown["doubted"] > 0
    assert shown["needs_reauthorization"] == 0
    assert shown["ended_early"]


def test_somebody_who_has_to_authorize_again_makes_it_1(url: str, seed: Seed, sandbox: SandboxProcess) -> None:
    (user, *_), *_ = seed(5)
    sandbox.do("kill_refresh", user_id=user)
    result = astra("keep-alive", "--json")
    shown = as_json(result)
    assert (result.exit_code, shown["ok"], shown["needs_reauthorization"]) == (1, True, 1)
    assert shown["store"].startswith("SQLite file /")
    assert astra("keep-alive").exit_code == 0
