"""`python -m astra.conformance`: runs the checks against a sandbox, by default one that it starts itself.

Exit status: 0 nothing failed, 1 a check failed, 2 it could not run.
"""

from __future__ import annotations

import argparse
import contextlib
import sys

from astra.conformance.checks import CHECKS
from astra.conformance.local import means_of, target_of
from astra.conformance.run import run
from astra.errors import AstraError
from astra.sandbox import RemoteSandbox, Sandbox


def main(arguments: list[str] | None = None) -> int:
    """Runs the checks, and prints the report.

    Args:
        arguments: of the command line; None takes the process's own.
    """
    parser = argparse.ArgumentParser(prog="python -m astra.conformance", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--control", metavar="URL", help="the control URL that `astra sandbox` printed")
    parser.add_argument("--with-payments", action="store_true", help="allow checks that move money, a dollar each")
    parser.add_argument(
        "--only", metavar="ID", action="append", default=[], help="a check or a family; can be repeated"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--list", action="store_true", help="print the checks and run none")
    given = parser.parse_args(arguments)
    if given.list:
        lines = [f"{check.id:<32}{check.evidence:<16}{check.says}" for check in CHECKS]
        sys.stdout.write("\n".join(lines) + "\n")
        return 0
    try:
        with contextlib.ExitStack() as stack:
            sandbox = RemoteSandbox(given.control) if given.control else stack.enter_context(Sandbox())
            report = run(target_of(sandbox), means=means_of(sandbox, payments=given.with_payments), only=given.only)
    except (AstraError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write((report.to_json() if given.json else report.to_text()) + "\n")
    return 1 if report.failed() else 0


if __name__ == "__main__":
    sys.exit(main())
