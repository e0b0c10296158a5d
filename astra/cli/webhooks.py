"""`astra webhooks`: verify, sign and replay webhooks. The secret comes from ASTRA_CLIENT_SECRET and is never an option,
because options show in the list of processes.

Exit codes: see `astra.cli.errors`. What is not verified, or a replay that is not answered 200, exits with 1.
"""

from __future__ import annotations

import sys
from http.client import HTTPException
from pathlib import Path
from typing import Annotated

import typer

from astra.cli.errors import COULD_NOT_RUN, PLAIN, Group, fail
from astra.cli.output import print_json
from astra.cli.table import show
from astra.config import read_environment
from astra.errors import ConfigurationError, WebhookVerificationError
from astra.webhooks.events import WebhookEvent
from astra.webhooks.replay import check_receiver, post_webhook, read_bodies, with_new_id
from astra.webhooks.verifier import Webhooks

app = typer.Typer(
    **PLAIN,
    cls=Group,
    no_args_is_help=True,
    help="Verify, sign and replay webhooks. ASTRA_CLIENT_SECRET holds the secret.",
)

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="The file, or - for standard input.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def verify(
    signature: Annotated[str, typer.Option("--signature", "-s", help="Value of the header Astra-Verification.")],
    file: FileArgument = "-",
    as_json: JsonOption = False,
) -> None:
    """Check a stored request body against its signature, and say what event it is.

    Exit codes: 0 it is verified, 1 it is not, 2 it could not run.

    \b
    Examples:
      astra webhooks verify -s LfNMDsAbW2VNhEhqwNazHjM00z6RL7yQ6EsnJLFzl94= body.json
    """
    body = read_file(file)
    webhooks = from_environment()
    try:
        event = parse_stored(webhooks, body, signature)
    except WebhookVerificationError as error:
        if as_json:
            print_json({"verified": False, "reason": str(error)})
        else:
            sys.stderr.write(f"not verified: {error}\n")
        raise typer.Exit(1) from None
    if as_json:
        print_json({"verified": True} | describe(event))
        return
    lines = (f"{name.replace('_', ' ')}: {show(value)}\n" for name, value in describe(event).items())
    sys.stdout.write("verified\n" + "".join(lines))


@app.command()
def sign(file: FileArgument = "-") -> None:
    """Print the Astra-Verification value of a body, byte for byte as it is in the file.

    Exit codes: 0 done, 2 it could not run.

    \b
    Examples:
      astra webhooks sign body.json
    """
    body = read_file(file)
    sys.stdout.write(from_environment().sign(body) + "\n")


@app.command()
def replay(
    file: FileArgument,
    url: Annotated[str, typer.Option("--url", "-u", help="Your receiver: https, or http on this machine.")],
    only_id: Annotated[str | None, typer.Option("--id", help="Only the event with this webhook_id.")] = None,
    only_type: Annotated[str | None, typer.Option("--type", help="Only events of this webhook_type.")] = None,
    new_ids: Annotated[
        bool, typer.Option("--new-ids", help="Give each a new webhook_id, so that de-duplication lets it through.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for an answer.")] = 10.0,
    as_json: JsonOption = False,
) -> None:
    """Sign stored events, one JSON object per line, and send them to your receiver.

    Exit codes: 0 each was answered 200, 1 one was not, 2 it could not run.

    \b
    Examples:
      astra webhooks replay events.jsonl --url http://127.0.0.1:8000/webhooks/astra --new-ids
    """
    webhooks = from_environment()
    try:
        check_receiver(url)
        bodies = read_bodies(read_file(file))
    except (ConfigurationError, WebhookVerificationError) as error:
        fail(str(error), code=COULD_NOT_RUN)
    events = [(webhooks.parse_unverified(body), body) for body in bodies]
    chosen = [
        (event, body) for event, body in events if only_id in (None, event.id) and only_type in (None, event.type)
    ]
    if not chosen:
        fail("no such event in the file", code=COULD_NOT_RUN)
    statuses = [deliver(webhooks, event, body, url, new_ids, timeout, as_json) for event, body in chosen]
    if any(status != 200 for status in statuses):
        raise typer.Exit(1)


def deliver(
    webhooks: Webhooks, event: WebhookEvent, body: bytes, url: str, new_ids: bool, timeout: float, as_json: bool
) -> int | None:
    """Sends one event and says what came of it."""
    if new_ids:
        body = with_new_id(body)
        event = webhooks.parse_unverified(body)
    status, reason = None, None
    try:
        status = post_webhook(url, body, webhooks.sign(body), timeout=timeout)
    except (OSError, HTTPException) as error:
        reason = f"{type(error).__name__}: {error}"
    if as_json:
        print_json({"id": event.id, "type": event.type, "status": status, "error": reason})
    else:
        sys.stdout.write(f"{show(event.type)}  {show(event.id)}  {show(reason or status)}\n")
    return status


def from_environment() -> Webhooks:
    """Reads the secrets: ASTRA_CLIENT_SECRET, several separated by commas while they are rotated."""
    found = read_environment().client_secret or ""
    secrets = [secret.strip() for secret in found.split(",") if secret.strip()]
    if not secrets:
        raise ConfigurationError("ASTRA_CLIENT_SECRET is not set; webhooks are signed with the client secret.")
    return Webhooks(secrets)


def parse_stored(webhooks: Webhooks, body: bytes, signature: str) -> WebhookEvent:
    """Verifies a body out of a file, where an editor may have added a line break at the end."""
    try:
        return webhooks.parse(body, signature)
    except WebhookVerificationError:
        trimmed = body.rstrip(b"\r\n")
        if trimmed == body:
            raise
        return webhooks.parse(trimmed, signature)


def describe(event: WebhookEvent) -> dict[str, str | None]:
    """What is worth knowing of an event."""
    target = event.target
    return {
        "type": event.type,
        "id": event.id,
        "user_id": event.user_id,
        "resource_id": event.resource_id,
        "read_again": None if target is None else f"{target.kind} {target.id}",
    }


def read_file(name: str) -> bytes:
    """Reads a file, or standard input for "-"."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        fail(f"{name} cannot be read: {error.strerror}", code=COULD_NOT_RUN)
