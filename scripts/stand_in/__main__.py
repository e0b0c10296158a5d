"""First contact with stand-ins that differ: `python -m scripts.stand_in --seeds 20`; `--serve SEED` runs one.

Exit status: 0 every planted difference that showed was found, nothing false was reported, and the README's program ran
with the SDK as the report mends it; else 1.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import attrs

from astra.first_contact.report import Report
from scripts.stand_in.compare import Comparison
from scripts.stand_in.contact import a_person, our_document, try_seed
from scripts.stand_in.flow import FlowFailedError, mend, run_readme
from scripts.stand_in.plan import make_plan
from scripts.stand_in.server import standing_in

WALKED = ("ours", "names")
"""Ways of paging that need no more than names: the rest has to be refused, not cut."""


@attrs.frozen
class Outcome:
    """What became of one seed."""

    seed: int
    report: Report
    compared: Comparison
    flow: str
    is_good: bool


def main(arguments: list[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="stand-in", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="how many stand-ins (default: 20)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default: 1)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--only-find", action="store_true", help="neither mend the SDK nor run the README")
    parser.add_argument("--serve", type=int, metavar="SEED", help="run the stand-in of a seed until it is stopped")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="with --serve: write what differs to a file")
    given = parser.parse_args(arguments)
    if given.serve is not None:
        return serve(given.serve, truth=given.truth)
    planted = found = suspected = wrong = failed = hidden = 0
    seeds = range(given.first, given.first + given.seeds)
    for one in outcomes(seeds, workers=given.workers, only_find=given.only_find):
        compared = one.compared
        planted += len(compared.planted)
        found += len(compared.named) + len(compared.suspected)
        suspected += len(compared.suspected)
        wrong += len(compared.false)
        failed += not one.is_good
        hidden += len(compared.hidden)
        counts = {name: len(value) for name, value in attrs.asdict(compared).items()}
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        print(f"seed {one.seed}: {told}{one.flow}", flush=True)
        for title in ("missed", "false"):
            for line in getattr(compared, title):
                print(f"  {title}: {line}")
    share = 100 * found // planted if planted else 0
    print(
        f"found/planted: {found}/{planted} ({share:.0f} %), of which {suspected} are found with a person: "
        "reported as perhaps it, and not renamed"
    )
    print(f"reported and not so: {wrong}; planted where no call leads: {hidden}")
    if not given.only_find:
        print(f"the README ran with the SDK as it was mended: {len(seeds) - failed} of {len(seeds)}")
    return 0 if found == planted > 0 and not wrong and not failed else 1


def outcomes(seeds: range, *, workers: int, only_find: bool) -> Iterator[Outcome]:
    """Tries seeds, in their order."""
    if only_find or workers == 1:
        yield from (outcome(seed, only_find) for seed in seeds)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(outcome, seeds, [only_find] * len(seeds))


def outcome(seed: int, only_find: bool) -> Outcome:
    """Tries one seed."""
    document = our_document()
    report, compared = try_seed(document, seed)
    if only_find:
        return Outcome(seed, report, compared, "", is_good=True)
    plan = make_plan(document, seed=seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            edits = mend(report, folder)
            pages = run_readme(document, plan, folder)
        except FlowFailedError as error:
            return Outcome(seed, report, compared, f"; {error}", is_good=False)
    is_good = pages.startswith("whole") if plan.paging.style in WALKED else pages == "PaginationError"
    said = f"; README ran after {len(edits)} edits; a list of many pages, paged by {plan.paging.style}: {pages}"
    return Outcome(seed, report, compared, said, is_good)


def serve(seed: int, *, truth: Path | None) -> int:
    """Runs a stand-in, and prints what `astra first-contact` needs to know."""
    document = our_document()
    plan = make_plan(document, seed=seed)
    if truth is not None:
        truth.write_text(json.dumps(plan.to_dict(), indent=2) + "\n", encoding="utf-8")
    with a_person(seed) as (sandbox, tokens), standing_in(document, plan, behind=sandbox.url) as stand_in:
        print(f"export ASTRA_BASE_URL={stand_in.url} ASTRA_APP_URL={sandbox.url}")
        print(f"export ASTRA_CLIENT_ID={sandbox.client_id} ASTRA_CLIENT_SECRET={sandbox.client_secret}")
        print(f"export ASTRA_REDIRECT_URI={sandbox.redirect_uri} ASTRA_REFRESH_TOKEN={tokens()}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
