"""Checks every cassette: complete, free of secrets, valid by the spec, not stale. `make cassettes` runs it."""

from __future__ import annotations

import sys

from tests.cassettes.checks import check_all


def main() -> int:
    """Prints the findings and one summary line; exit status 1 when anything was found."""
    found = check_all()
    for title, lines in (
        ("missing", found.missing),
        ("secret", found.secrets),
        ("violation", found.violations),
        ("stale", found.stale),
    ):
        for line in lines:
            print(f"{title}: {line}")
    print(found.summary())
    return 0 if found.ok else 1


if __name__ == "__main__":
    sys.exit(main())
