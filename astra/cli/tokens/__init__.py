"""`astra tokens`: look at grants, refresh them, keep them alive, move them. No command ever prints a token.

Every command looks at a store that is there, and at the grants of the client that the environment describes; it says
both. Exit codes, for cron: see `astra.cli.errors`.
"""

from __future__ import annotations

import typer

from astra.cli.errors import PLAIN, Group
from astra.cli.tokens import ending, keys, looking, moving, renewing, status

app = typer.Typer(
    **PLAIN,
    cls=Group,
    no_args_is_help=True,
    help="Look at grants, refresh them, keep them alive, move them to another store.",
)
app.command("list")(looking.list_grants)
app.command("show")(looking.show)
app.command("find")(looking.find)
app.command("status")(status.status)
app.command("refresh")(renewing.refresh)
app.command("keep-alive")(renewing.keep_alive)
app.command("revive")(ending.revive)
app.command("forget")(ending.forget)
app.command("export")(moving.export)
app.command("import")(moving.import_)
app.command("rotate-keys")(keys.rotate_keys)
