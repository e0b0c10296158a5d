"""`astra payments`: what became of payments under idempotency keys, and settling those of unknown outcome.

Every command looks at a store that is there, and at the payments of the client that the environment describes; it says
both. Exit codes, for cron: see `astra.cli.errors`.
"""

from __future__ import annotations

import typer

from astra.cli.errors import PLAIN, Group
from astra.cli.payments import deciding, looking, reconciling

app = typer.Typer(
    **PLAIN,
    cls=Group,
    no_args_is_help=True,
    help="Look at payments under idempotency keys, and settle those of unknown outcome.",
)
app.command("list")(looking.list_payments)
app.command("show")(looking.show)
app.command("reconcile")(reconciling.reconcile)
app.command("resolve")(deciding.resolve)
app.command("prune")(deciding.prune)
