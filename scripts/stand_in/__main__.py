"""First contact with stand-ins that differ: `python -m scripts.stand_in --seeds 20`, or serve one: `--serve SEED`.

Exit status: 0 every planted difference that showed was found and nothing false was reported, else 1.
"""

from __future__ import annotations

import argparse
import sys

import attrs

from scripts.stand_in.contact import our_document, try_seed


def main(arguments: list[str] | None = None) -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(prog="stand-in", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20, help="how many stand-ins (default: 20)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default: 1)")
    given = parser.parse_args(arguments)
    document = our_document()
    planted = found = suspected = wrong = 0
    for seed in range(given.first, given.first + given.seeds):
        _, compared = try_seed(document, seed)
        planted += len(compared.planted)
        found += len(compared.named) + len(compared.suspected)
        suspected += len(compared.suspected)
        wrong += len(compared.false)
        counts = {name: len(value) for name, value in attrs.asdict(compared).items()}
        print(f"seed {seed}: {', '.join(f'{count} {name}' for name, count in counts.items())}")
        for title in ("missed", "false"):
            for line in getattr(compared, title):
                print(f"  {title}: {line}")
    print(f"found/planted: {found}/{planted}, of which {suspected} without being sure of the name; {wrong} false")
    return 0 if found == planted and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
