"""`astra doctor`: is what this machine is set up with what was meant?

Exit codes: 0 all is well; 1 something needs people, a warning only with `--strict`; 2 it could not run.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from astra.cli.errors import FAILED, PLAIN, Group
from astra.cli.table import show
from astra.doctor.examine import LIMIT, examine
from astra.doctor.report import Report

app = typer.Typer(**PLAIN, cls=Group, invoke_without_command=True)


@app.callback(invoke_without_command=True)
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Send no request to Astra.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings, too.")] = False,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=600, help="Seconds that each check may take; they run side by side.")
    ] = LIMIT,
    webhook_store: Annotated[
        str | None, typer.Option(metavar="URL", help="Also look at this de-duplication store of webhooks.")
    ] = None,
    state_store: Annotated[
        str | None, typer.Option(metavar="URL", help="Also look at this store of states of authorization links.")
    ] = None,
) -> None:
    """Check the set-up: settings, stores and keys, hosts and clock, and what else here is called astra.

    Shows no secret and changes nothing, but for one grant that it saves in the token store and deletes again. One
    request goes to Astra's host, GET / without credentials. Exit codes: 0 all is well, 1 something needs people (a
    warning only with --strict), 2 it could not run.

    \b
    Examples:
      astra doctor
      astra doctor --offline --strict --json
    """
    report = examine(offline=offline, limit=timeout, webhook_store=webhook_store, state_store=state_store)
    write(json.dumps(report.to_dict(strict=strict), indent=2) if as_json else describe(report))
    if report.exit_code(strict=strict):
        raise typer.Exit(FAILED)


def describe(report: Report) -> str:
    """Returns a line for each finding, and one that counts them.

    Args:
        report: what was found.
    """
    width = max(len(finding.check) for finding in report.findings)
    lines = [
        show(f"{finding.status:<4}  {finding.check:<{width}}  {finding.message}")
        + (f" -> {show(finding.advice)}" if finding.advice else "")
        for finding in report.findings
    ]
    counts = f"{report.count('ok')} ok, {report.count('warn')} warn, {report.count('fail')} fail"
    return "\n".join([*lines, "", counts])


def write(text: str) -> None:
    """Writes to standard output, whatever it can encode.

    Args:
        text: what to write.
    """
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
