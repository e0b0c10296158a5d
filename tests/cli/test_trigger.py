"""`astra trigger` sends a made-up event of any type, signed, and says what of it is assumed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from astra_api.models import WebhookType

from astra import InvalidRequestError
from astra.sandbox import RemoteSandbox, Sandbox
from astra.sandbox.engine.made_up import KINDS
from astra.webhooks import Webhooks
from tests.cli.processes import here, run
from tests.sandbox.receiver import Receiver


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def test_every_type_of_the_spec_can_be_made_up_and_says_how_sure_it_is() -> None:
    assert set(KINDS) == {str(one.value) for one in WebhookType}
    shown = [json.loads(line) for line in here("trigger", "--json").stdout.splitlines()]
    assert {one["type"] for one in shown} == set(KINDS)
    for one in shown:
        assert one["evidence"] in ("documented", "documented-old", "observed", "inferred", "assumed")
        assert (one["note"] is None) == (one["evidence"] == "documented")
    assert "chargeback_created  " in here("trigger").stdout


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_event_of_each_type_is_read_by_the_sdk_with_and_without_objects(sandbox: Sandbox, kind: str) -> None:
    webhooks = Webhooks(sandbox.client_secret)
    for _ in range(2):
        made = sandbox.webhooks.make_up(kind)
        event = webhooks.parse_unverified(json.dumps(made.body, default=float).encode())
        assert (event.type, event.id) == (kind, made.id)
        assert event.resource_id
        sandbox.cards.create(sandbox.users.create().id)


def test_it_is_about_the_newest_object_of_its_kind(sandbox: Sandbox) -> None:
    user = sandbox.users.create()
    card = sandbox.cards.create(user.id)
    made = sandbox.webhooks.make_up("card_updated")
    assert (made.body["user_id"], made.body["resource_id"]) == (user.id, card.id)
    assert sandbox.webhooks.events[-1].id == made.id
    chosen = sandbox.webhooks.make_up("card_updated", user_id="u", resource_id="c", send=False)
    assert (chosen.body["user_id"], chosen.body["resource_id"]) == ("u", "c")
    assert sandbox.webhooks.events[-1].id == made.id


def test_an_unknown_type_is_refused_with_the_nearest(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidRequestError, match='Did you mean "transfer_updated"'):
        RemoteSandbox(sandbox.control_url).webhooks.make_up("transfer_update")


@pytest.fixture
def receivers() -> Iterator[tuple[Receiver, Receiver]]:
    with closing(Receiver()) as first, closing(Receiver()) as second:
        yield first, second


def verified(receiver: Receiver, secret: str) -> list[Any]:
    """The events that a receiver got, whose signatures are right."""
    return [Webhooks(secret).parse(body, signature) for signature, body in receiver.received]


def test_the_registered_endpoints_get_it_signed(sandbox: Sandbox, receivers: tuple[Receiver, Receiver]) -> None:
    receiver, _ = receivers
    sandbox.webhooks.register(receiver.url)
    done = run("trigger", "user_updated", "--sandbox", sandbox.control_url)
    [event] = verified(receiver, sandbox.client_secret)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{receiver.url}  200" in done.stdout
    assert event.type == "user_updated"


def test_a_url_of_this_machine_gets_it_alone_and_the_origin_is_that_of_the_environment(
    sandbox: Sandbox, receivers: tuple[Receiver, Receiver]
) -> None:
    receiver, other = receivers
    sandbox.webhooks.register(other.url)
    settings = {"ASTRA_BASE_URL": sandbox.url, "ASTRA_SANDBOX_TOKEN": sandbox.control_url.rpartition("token=")[2]}
    done = here("trigger", "chargeback_created", "--to", receiver.url, "--json", **settings)
    [event] = verified(receiver, sandbox.client_secret)
    assert other.received == []
    shown = json.loads(done.stdout)
    assert (done.returncode, shown["version"], shown["evidence"]) == (0, 1, "documented")
    assert shown["attempts"] == [{"url": receiver.url, "status": 200, "error": None}]
    assert (event.type, shown["body"]["webhook_id"]) == ("chargeback_created", event.id)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["user_updated"], 2, "the sandbox has no endpoint: pass --to http://127.0.0.1:PORT/PATH"),
        (["user_update", "--to", "http://127.0.0.1:1/"], 2, 'Did you mean "user_updated"?'),
        (["user_updated", "--to", "http://example.com/"], 2, "'example.com' is another one"),
        (["user_updated", "--to", "http://127.0.0.1:1/"], 1, "a receiver did not confirm: only 200 does"),
    ],
)
def test_what_cannot_be_sent_is_told(sandbox: Sandbox, arguments: list[str], code: int, told: str) -> None:
    done = here("trigger", *arguments, "--sandbox", sandbox.control_url)
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert told in line
    assert done.returncode == code


def test_without_a_sandbox_it_is_said_how_to_start_one() -> None:
    done = here("trigger", "user_updated", "--sandbox", "http://127.0.0.1:1/_sandbox?token=x")
    assert (done.returncode, "Start one: astra sandbox" in done.stderr) == (3, True)
    without = here("trigger", "user_updated", "--sandbox", "http://127.0.0.1:1")
    assert (without.returncode, "control URL that `astra sandbox` printed" in without.stderr) == (2, True)
