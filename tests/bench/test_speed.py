"""The speed bench runs, checks the answers that it times, and reports what it found. No time is asserted here."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.bench.speed import report
from scripts.bench.speed.cases import LINK, ONE, PAGE, WEBHOOK
from scripts.bench.speed.contenders import PEERS
from scripts.bench.speed.goals import MICROSECONDS, RATIOS, Goal, judge
from scripts.bench.speed.measure import CASES, CLIENT, IMPORT, Results, Sample, Worker, run_cases, run_paging
from scripts.bench.speed.server import Server

OURS = ("httpx", "astra", "astra, httpx2")


@pytest.fixture(scope="module")
def results() -> Results:
    found = Results()
    python = Path(sys.executable)
    with ExitStack() as stack:
        server = stack.enter_context(Server())
        workers = [stack.enter_context(Worker(python, name, server.url)) for name in OURS]
        run_cases(workers, found, rounds=2, seconds=0.005, say=print, warm=2, burst=50)
        run_paging(python, server.url, found, counts=(100, 1_000))
    return found


@pytest.mark.long
def test_every_case_is_measured_for_the_sdk_and_all_that_send_with_httpx2_too(results: Results) -> None:
    for case in CASES:
        assert "astra" in results.samples[case]
        assert ("astra, httpx2" in results.samples[case]) is (case not in (WEBHOOK, LINK))
        assert all(len(samples) == 2 for samples in results.samples[case].values())


@pytest.mark.long
def test_every_promise_that_needs_no_peer_is_judged(results: Results) -> None:
    judged = [goal.what for goal in judge(results)]
    assert any("1,000 transfers auto-paged: memory" in what for what in judged)
    unmeasured = sum(case in (IMPORT, CLIENT) for _, case, _, _ in RATIOS)
    lists = 2
    assert len(judged) == len(RATIOS) - unmeasured + len(MICROSECONDS) + lists


@pytest.mark.long
def test_the_page_shows_every_case_and_names_a_missed_promise(results: Results) -> None:
    text = report.page(results, machine="this machine", versions="these", rounds=2)
    assert all(f"| {case} |" in text for case in CASES)
    assert all(f"at most {limit:g}x" in text for _, case, _, limit in RATIOS if case not in (IMPORT, CLIENT))
    assert report.goal_table(results).count("\n") == len(list(judge(results))) + 1
    slow = Results(samples={ONE: {"httpx": [Sample(1.0, 1.0)], "astra": [Sample(1.5, 1.5)]}})
    assert "| 0.75 x httpx | 1.50 x httpx | **missed** |" in report.goal_table(slow)
    assert not Goal("one", 1.0, 1.5).kept


@pytest.mark.long
def test_the_chart_is_well_formed_and_has_a_bar_for_each_figure(results: Results) -> None:
    drawing = ET.fromstring(report.chart(results))
    bars = drawing.findall("{http://www.w3.org/2000/svg}rect")
    shown = [case for case in CASES if "httpx" in results.samples[case]]
    assert len(bars) == 1 + sum(len(results.samples[case]) for case in shown)


def test_the_best_peer_is_what_the_sdk_is_held_to() -> None:
    samples = {name: [Sample(10.0 * (place + 1), 1.0)] for place, name in enumerate(PEERS)}
    found = Results(samples={PAGE: {**samples, "astra": [Sample(5.0, 1.0)]}})
    [goal] = [goal for goal in judge(found) if "best peer" in goal.what]
    assert goal.found == 0.5


@pytest.mark.long
def test_a_contender_that_gives_up_stops_the_bench() -> None:
    with (
        Server() as server,
        Worker(Path(sys.executable), "httpx", server.url) as worker,
        pytest.raises(SystemExit, match="gave up"),
    ):
        worker.run("no such case", 1)
