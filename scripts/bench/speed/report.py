"""The figures as text, as a page for the docs and as a chart."""

from __future__ import annotations

import math
import statistics
from html import escape

from scripts.bench.speed.cases import LINK, WEBHOOK
from scripts.bench.speed.contenders import CONTENDERS
from scripts.bench.speed.goals import RATIOS, judge
from scripts.bench.speed.measure import CASES, CLIENT, IMPORT, Results

NAMES = tuple(CONTENDERS)
COLOURS = {"httpx": "#8a94a6", "astra": "#0b7a5c", "astra, httpx2": "#35b58f"}
PEER_COLOUR = "#c9a37a"


def goal_table(results: Results) -> str:
    """Markdown: every promise, and whether it is kept."""
    lines = ["| what | at most | found | |", "|---|---:|---:|---|"]
    for goal in judge(results):
        mark = "kept" if goal.kept else "**missed**"
        lines.append(f"| {goal.what} | {goal.limit:g} {goal.unit} | {goal.found:.2f} {goal.unit} | {mark} |")
    return "\n".join(lines)


def cpu_table(results: Results, *, wall: bool = False) -> str:
    """Markdown: a row for each case, a column for each contender, with the ratio to httpx, its quartiles, and what is
    promised."""
    lines = ["| | " + " | ".join(NAMES) + " |", "|---|" + "---:|" * len(NAMES)]
    promised = {(case, who): f"; at most {limit:g}x" for _, case, who, limit in RATIOS}
    cases = CASES if wall else (*CASES, IMPORT, CLIENT)
    for case in cases:
        cells: list[str] = []
        for name in NAMES:
            value = results.wall(case, name) if wall else results.cpu(case, name)
            if value is None:
                cells.append("")
                continue
            cell = shown(value)
            ratios = results.ratios(case, name)
            if ratios and name != "httpx" and not wall:
                low, middle, high = quartiles(ratios)
                cell += f" ({middle:.2f}x, {low:.2f} to {high:.2f}{promised.get((case, name), '')})"
            cells.append(cell)
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def shown(microseconds: float) -> str:
    """A time in its usual unit."""
    return f"{microseconds / 1000:.1f} ms" if microseconds >= 10_000 else f"{microseconds:.0f} us"


def quartiles(values: list[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile."""
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def memory_table(results: Results) -> str:
    """Markdown: peak memory of each contender's process, and of the walks through long lists."""
    lines = ["| process | peak resident memory |", "|---|---:|"]
    lines += [f"| {name} | {results.peak_mib[name]:.0f} MiB |" for name in NAMES if name in results.peak_mib]
    for count, (cpu, peak) in sorted(results.paging.items()):
        lines.append(f"| astra, {count:,} transfers auto-paged in {cpu:.1f} s of CPU | {peak:.0f} MiB |")
    return "\n".join(lines)


def page(results: Results, *, machine: str, versions: str, rounds: int) -> str:
    """The page for the docs."""
    return f"""# How fast it is

Written by `make bench`: every contender in a process of its own, all against one static local server, in {rounds}
rounds that take turns. CPU time of the process, per call, medians; in brackets the ratio to bare httpx in the same
round, with its quartiles, and what is promised of it. Bare httpx sends and decodes with the standard library's `json`,
nothing more. `astra` looks the token up and checks its expiry, keeps the request id, writes the ledger to SQLite (the
time of its thread is counted), and gives amounts as `Decimal`, times with their zone and statuses as enums; `astra`
sends with httpx, "astra, httpx2" with its successor (the extra `fast`). Every answer is checked while it is timed.

What each row reads of an answer: "one call" and the async rows amount, status and request id (httpx and the peers: the
amount); "page of 100" amount and status of every item (httpx: that there are 100); "every field read" all 17 fields of
every item (httpx: the same 17 keys of every dict; the peers: all fields of their object, which has 9 to 30).

Measured on {machine}.
{versions}.

![CPU per call beside bare httpx](performance.svg)

## What is promised

{goal_table(results)}

## CPU per call

{cpu_table(results)}

Plaid has no async client. Imports and clients are measured beyond a bare interpreter.

## Wall clock per call

{cpu_table(results, wall=True)}

## Memory

{memory_table(results)}

## How to have it fast

- `pip install 'astra-finance[fast]'`: clients send with httpx2, which needs less for each call, and much less with many
  in flight.
- A client of your own in `http_client` costs what it costs.
- Make one client per process and keep it.
"""


def chart(results: Results) -> str:
    """An SVG: a panel for each kind of work, a bar for each contender, on one logarithmic scale."""
    panels = [
        (case, results.samples[case])
        for case in (*(case for case in CASES if case not in (WEBHOOK, LINK)), IMPORT, CLIENT)
        if case in results.samples
    ]
    low, high, left, width, row = 0.05, 200.0, 208, 545, 17

    def at(ratio: float) -> float:
        clipped = min(max(ratio, low), high)
        return left + width * (math.log(clipped / low) / math.log(high / low))

    body: list[str] = []
    y = 64
    for case, samples in panels:
        names = [name for name in NAMES if name in samples]
        body.append(f'<text x="14" y="{y + 12}" class="case">{escape(case)}</text>')
        for name in names:
            ratio = results.ratio(case, name)
            if ratio is None:
                continue
            colour = COLOURS.get(name, PEER_COLOUR)
            body.append(f'<text x="{left - 8}" y="{y + 12}" class="name">{escape(name)}</text>')
            body.append(
                f'<rect x="{left}" y="{y + 2}" width="{max(1.0, at(ratio) - left):.1f}" height="{row - 5}" '
                f'rx="2" fill="{colour}"/>'
            )
            body.append(f'<text x="{at(ratio) + 5:.1f}" y="{y + 12}" class="value">{ratio:.2f}</text>')
            y += row
        y += 12
    one = at(1.0)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 {y + 10}" role="img" '
        f'aria-label="CPU time per call as a multiple of bare httpx">'
        "<style>text{font:12px system-ui,sans-serif;fill:#1f2733}.case{font-weight:600}"
        ".name{text-anchor:end}.value{fill:#4a5464}.title{font-size:15px;font-weight:600}</style>"
        f'<rect width="820" height="{y + 10}" fill="#ffffff"/>'
        '<text x="14" y="26" class="title">CPU time as a multiple of bare httpx (logarithmic; shorter is better)</text>'
        f'<line x1="{one:.1f}" y1="44" x2="{one:.1f}" y2="{y - 4}" stroke="#d04a3a" stroke-dasharray="3 3"/>'
        f'<text x="{one:.1f}" y="40" text-anchor="middle">httpx = 1</text>'
    )
    return head + "".join(body) + "</svg>\n"
