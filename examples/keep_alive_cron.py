"""A cron job that keeps every user authorized, and mails those whom it cannot.

    pip install 'astra-finance[sandbox]'
    0 * * * *  . /etc/app/astra.env && /srv/app/.venv/bin/python /srv/app/examples/keep_alive_cron.py

That file exports the `ASTRA_*` variables of your programs, which cron does not know, with an absolute path in
`ASTRA_TOKEN_STORE`, since cron starts in `$HOME`.

`astra tokens keep-alive` does the same without a line of code; write your own when something has to happen for users
who must authorize again. Run it on as many hosts as you like, at the same minute: each user is refreshed once.

Without `ASTRA_CLIENT_ID` it brings a local Astra with three users, one of whom has to authorize again.

Exit status: 0 all is well, 1 something failed and stays due for the next run.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import timedelta

from local_astra import authorize_users, local_astra

from astra import Astra, ReauthorizationRequired


def ask_to_come_back(error: ReauthorizationRequired) -> None:
    """Called once for each user who has to authorize again, whichever host finds out.

    Mail a link to a page of your own, which makes the authorize link when the person comes: then its `state` is in the
    person's web session, where your callback looks for it.
    """
    print(f"mail to {error.user_key}: please connect your bank again: https://app.example.com/connect")


def main() -> int:
    """Runs once."""
    parser = argparse.ArgumentParser(description="Keeps every user authorized.")
    parser.add_argument("--older-than-days", type=float, default=5, help="refresh tokens live ten days")
    parser.add_argument("--rate", type=float, default=20, help="refreshes per second at most")
    arguments = parser.parse_args()
    days: float = arguments.older_than_days
    if "ASTRA_CLIENT_ID" in os.environ and "ASTRA_TOKEN_STORE" not in os.environ:
        parser.error("Whom to keep authorized? Set ASTRA_TOKEN_STORE to the store of your programs.")
    with local_astra() as sandbox, Astra.from_env(on_reauthorization_required=ask_to_come_back) as astra:
        if sandbox is not None:
            days = 0
            authorize_users(astra, sandbox, ["customer-1", "customer-2", "customer-3"])
            lost = astra.tokens.get("customer-3")
            if lost is not None and lost.astra_user_id is not None:
                sandbox.users.kill_refresh_tokens(lost.astra_user_id)
        report = astra.tokens.keep_alive(older_than=timedelta(days=days), rate=arguments.rate)
    print(f"refreshed {report.refreshed}, failed {report.failed}, to authorize again {report.needs_reauthorization}")
    for name, count in report.errors.items():
        print(f"{name}: {count}", file=sys.stderr)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
