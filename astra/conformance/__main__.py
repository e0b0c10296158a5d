"""`python -m astra.conformance`: runs the checks against a server, by default a sandbox that it starts itself.

Exit status: 0 checks passed and none failed; 1 a check failed; 2 wrong usage or settings, or no check could be run or
tell anything; 3 the server cannot be reached, or stopped answering; 4 what answers is no Astra; 5 it refuses the
credentials, or the user's.
"""

from __future__ import annotations

import argparse
import contextlib
import sys

from astra.conformance.checks import CHECKS
from astra.conformance.local import means_of, target_of
from astra.conformance.remote import UNREACHABLE, UNUSABLE, Given, WrongSetup, probe
from astra.conformance.remote import means_of as remote_means_of
from astra.conformance.remote import target_of as remote_target_of
from astra.conformance.run import STOPPED, Report, chosen, run
from astra.errors import AstraError
from astra.sandbox import RemoteSandbox, Sandbox

ABOUT_PAYMENTS = "up to 40 payments of a dollar each between two accounts of that user"


def main(arguments: list[str] | None = None) -> int:
    """Runs the checks, and prints the report.

    Args:
        arguments: of the command line; None takes the process's own.
    """
    parser = argparse.ArgumentParser(
        prog="python -m astra.conformance", description=(__doc__ or "").splitlines()[0], allow_abbrev=False
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--control", metavar="URL", help="the control URL that `astra sandbox` printed")
    where.add_argument(
        "--base",
        metavar="URL",
        help="any server: origin of its API. ASTRA_CLIENT_ID, ASTRA_CLIENT_SECRET and ASTRA_REDIRECT_URI have the "
        "client, ASTRA_REFRESH_TOKEN a test user",
    )
    parser.add_argument("--app", metavar="URL", help="with --base: origin of the hosted module")
    parser.add_argument("--redirect-uri", metavar="URI", help="with --base: a registered redirect URI")
    parser.add_argument("--code", help="with --base: a code, or the address with it at which a person ended")
    parser.add_argument("--interactive", action="store_true", help="with --base: show links, and ask where they led")
    parser.add_argument("--phone", help="with --interactive: of the person who authorizes, who gets text messages")
    parser.add_argument("--webhook-url", metavar="URL", help="with --base: where the server sends webhooks to already")
    parser.add_argument("--webhook-port", type=int, default=8765, help="to which that URL leads (default: 8765)")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds that an answer may take (default: 30)")
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
        report = of_server(given) if given.base is not None else of_sandbox(given)
    except WrongSetup as error:
        say(str(error))
        return error.code
    except (AstraError, ValueError) as error:
        say(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        say("stopped")
        return UNUSABLE
    sys.stdout.write((report.to_json() if given.json else report.to_text()) + "\n")
    if report.gone:
        return UNUSABLE if report.gone == STOPPED else UNREACHABLE
    if report.failed():
        return 1
    if report.count("not-run") == len(report.results):
        say("no check could be run")
        return UNUSABLE
    if not report.count("pass"):
        say("no check could tell anything")
        return UNUSABLE
    return 0


def of_sandbox(given: argparse.Namespace) -> Report:
    """Runs the checks against a sandbox whose controls are there."""
    with contextlib.ExitStack() as stack:
        sandbox = RemoteSandbox(given.control) if given.control else stack.enter_context(Sandbox())
        return run(target_of(sandbox), means=means_of(sandbox, payments=given.with_payments), only=given.only)


def of_server(given: argparse.Namespace) -> Report:
    """Runs the checks against a server that can only be called."""
    checks = chosen(given.only)
    asked = Given(
        base=given.base,
        app=given.app,
        redirect_uri=given.redirect_uri,
        code=given.code,
        phone=given.phone,
        webhook_url=given.webhook_url,
        webhook_port=given.webhook_port,
        payments=given.with_payments,
        timeout=given.timeout,
    )
    target = remote_target_of(asked)
    means = remote_means_of(asked, ask=ask if given.interactive else None)
    user = "refreshes the test user's tokens, which ends access tokens in use elsewhere, "
    if target.code is not None:
        user = "exchanges the code, which can be done once, refreshes the user's tokens, "
    has_user = target.refresh_token or target.code or means.authorize
    say(
        f"{len(checks)} checks of {target.base}. This makes about 20 user intents of invented people, sends wrong "
        f"requests on purpose, {user if has_user else ''}"
        f"and {f'makes {ABOUT_PAYMENTS}' if means.payments else 'moves no money'}."
    )
    return run(probe(target), means=means, only=given.only)


def ask(link: str) -> str:
    """Shows a link, and returns the address at which a person says to have ended."""
    say(f"\nOpen this, authorize, and paste the address at which you end (it may be an error page):\n\n{link}\n")
    return sys.stdin.readline()


def say(text: str) -> None:
    """Writes a line that is no result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
