"""`astra trigger`: a made-up webhook of any type, signed, from a local sandbox."""

from __future__ import annotations

import json
import sys
from http.client import HTTPException
from typing import Annotated, Any

import typer

from astra.cli.errors import COULD_NOT_RUN, FAILED, PLAIN, Command, fail
from astra.cli.local import SandboxOption, controlled
from astra.cli.options import JsonOption
from astra.cli.output import print_json
from astra.cli.table import align, show

app = typer.Typer(**PLAIN)


def _types(incomplete: str) -> list[str]:
    from astra.sandbox.engine.made_up import KINDS

    return [name for name in sorted(KINDS) if name.startswith(incomplete)]


@app.command(cls=Command)
def trigger(
    type: Annotated[
        str | None,
        typer.Argument(metavar="[TYPE]", help="The webhook_type; without it they are listed.", autocompletion=_types),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="Your receiver on this machine, registered or not."),
    ] = None,
    resource: Annotated[
        str | None, typer.Option("--resource", metavar="ID", help="What it is about; default: the newest of its kind.")
    ] = None,
    user: Annotated[
        str | None, typer.Option("--astra-user", metavar="ID", help="Astra's id of whom it names; default: the owner.")
    ] = None,
    sandbox_url: SandboxOption = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="With --to: seconds to wait for an answer.")] = 10.0,
    as_json: JsonOption = False,
) -> None:
    """Send a made-up webhook of a type, signed, from a running local sandbox to its endpoints, or to one URL.

    Nothing happened in the sandbox. The event is about the newest object of its kind, so that reading it again finds
    something. What Astra's documents do not show of a payload is assumed: the list says where. Exit codes: 0 the
    receivers confirmed with 200, 1 one did not, 2 wrong usage or settings, 3 no sandbox answers.

    \b
    Examples:
      astra trigger
      astra trigger transfer_updated
      astra trigger chargeback_created --to http://127.0.0.1:8000/webhooks/astra
    """
    from astra.sandbox.engine.made_up import KINDS

    if type is None:
        rows = [(name, kind.about, kind.evidence, kind.note or None) for name, kind in sorted(KINDS.items())]
        if as_json:
            for row in rows:
                print_json(dict(zip(("type", "about", "evidence", "note"), row, strict=True)))
        else:
            sys.stdout.write(align(("type", "about", "payload is", "note"), rows))
        return
    if to is not None:
        _check_receiver(to)
    with controlled(sandbox_url) as sandbox:
        if to is None and not sandbox.webhooks.urls:
            fail(
                "the sandbox has no endpoint: pass --to http://127.0.0.1:PORT/PATH, or start it with --webhook URL",
                code=COULD_NOT_RUN,
            )
        event = sandbox.webhooks.make_up(type, user_id=user, resource_id=resource, send=to is None)
        if to is None:
            sandbox.webhooks.deliver_pending()
            made = sandbox.webhooks.find_attempts(event_id=event.id)
            tried = [{"url": one.url, "status": one.status, "error": one.error} for one in made]
        else:
            tried = [_post(to, event.body, secret=sandbox.client_secret, timeout=timeout)]
    kind = KINDS[event.type]
    if as_json:
        body: Any = json.loads(_body(event.body))
        print_json({"type": event.type, "evidence": kind.evidence, "body": body, "attempts": tried})
    else:
        sys.stdout.write(f"{show(_body(event.body).decode())}\n")
        if kind.note:
            sys.stdout.write(f"payload is {kind.evidence}: {kind.note}\n")
        for one in tried:
            sys.stdout.write(f"{show(one['url'])}  {show(one['status'] or one['error'])}\n")
    if not tried:
        fail("it was held back or waits behind others: sandbox.webhooks.release() sends what is held", code=FAILED)
    if any(one["status"] != 200 for one in tried):
        fail("a receiver did not confirm: only 200 does. Its own log says more", code=FAILED)


def _check_receiver(url: str) -> None:
    """Refuses what is not this machine: made-up events are nobody else's business."""
    from astra.sandbox.webhooks import check_target

    check_target(url, allowed=())


def _body(body: dict[str, Any]) -> bytes:
    from astra.sandbox.engine.encoding import dumps

    return dumps(body).encode()


def _post(url: str, body: dict[str, Any], *, secret: str, timeout: float) -> dict[str, Any]:
    from astra.sandbox.webhooks import sign
    from astra.webhooks.replay import post_webhook

    content = _body(body)
    try:
        status = post_webhook(url, content, sign(content, secret=secret), timeout=timeout)
    except (OSError, HTTPException) as error:
        return {"url": url, "status": None, "error": f"{type(error).__name__}: {error}"}
    return {"url": url, "status": status, "error": None}
