"""Which refusals a keep-alive run believes, and when it stops."""

from __future__ import annotations

from astra.tokens.refusals import Refusals


def run(steps: str) -> tuple[Refusals[int], list[int]]:
    """Plays a refusal ("r", or "p" if it was to prove something) or a success ("s") after the other.

    Returns what was believed on the way.
    """
    refusals, believed = Refusals[int](), list[int]()
    for at, step in enumerate(steps):
        if step == "s":
            believed += refusals.succeeded(started=float(at))
        else:
            refusals.refused(at, now=float(at), is_proof=step == "p")
    return refusals, believed


def test_a_refusal_is_believed_when_a_later_refresh_succeeds() -> None:
    refusals, believed = run("srs")
    assert believed == [1]
    assert refusals.held == 0
    assert refusals.end() == ([], [])


def test_a_success_that_began_before_the_refusal_proves_nothing() -> None:
    refusals = Refusals[str]()
    assert refusals.succeeded(started=0.0) == []
    refusals.refused("k", now=2.0, is_proof=False)
    assert refusals.succeeded(started=1.9) == []
    assert refusals.held == 1
    assert refusals.succeeded(started=2.0) == ["k"]
    assert refusals.held == 0


def test_nothing_is_believed_while_most_are_refused() -> None:
    refusals, believed = run("rrs")
    assert believed == []
    assert refusals.held == 2
    assert run("rrss")[1] == [0, 1]


def test_five_refusals_end_the_run_if_three_of_them_come_from_the_other_end_of_the_queue() -> None:
    assert run("rppp")[0].reason is None
    assert run("r" * 18 + "pp")[0].reason is None
    reason = run("rrppp")[0].reason
    assert reason is not None
    assert "the first 5 refreshes were refused" in reason
    assert "not marked" in reason
    assert run("srrppp")[0].reason is None


def test_many_refusals_end_the_run_when_they_are_more_than_the_successes() -> None:
    assert run("s" * 20 + "r" * 20)[0].reason is None
    assert run("s" * 21 + "r" * 21)[0].reason is None
    reason = run("s" * 20 + "r" * 21)[0].reason
    assert reason is not None
    assert "21 of 41 refreshes were refused" in reason
    assert run("s" * 19 + "r" * 20)[0].reason is None


def test_an_endpoint_that_begins_to_refuse_everybody_kills_nobody() -> None:
    refusals, believed = run("s" * 20 + "r" * 21)
    assert believed == []
    assert refusals.end() == ([], list(range(20, 41)))


def test_the_last_few_refusals_of_a_run_are_believed_if_something_succeeded() -> None:
    assert run("sssrr")[0].end() == ([3, 4], [])
    assert run("s" * 9 + "rrrr")[0].end()[1] == []
    assert run("s" * 9 + "rrrrr")[0].end()[0] == []


def test_without_a_success_nothing_is_believed() -> None:
    assert run("r")[0].end() == ([], [0])
    assert run("rrs")[0].end() == ([], [0, 1])


def test_the_end_is_told_once() -> None:
    refusals, _ = run("sr")
    refusals.end()
    assert refusals.end() == ([], [])


def test_from_two_refusals_on_the_run_looks_elsewhere_until_twice_as_many_have_succeeded() -> None:
    shown = {steps: run(steps)[0].needs_proof for steps in ("", "r", "rr", "rrsss", "rrssss", "ssssrr", "ssssrrr")}
    assert [steps for steps, needs_proof in shown.items() if needs_proof] == ["rr", "rrsss", "ssssrrr"]


def test_one_success_proves_that_not_everybody_is_refused() -> None:
    assert not run("rrp")[0].is_proven
    assert run("rrs")[0].is_proven
