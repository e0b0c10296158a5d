"""Webhooks: signed, retried on the sandbox's clock, out of order and doubled on demand."""

import base64
import hashlib
import hmac
import itertools
import json

from astra.sandbox import sign


def test_the_documented_vector():
    body = (
        b'{"webhook_type": "routine_updated", "resource_id": "4816908952010752", '
        b'"user_id": "93k08a40d032o54f748773f", "webhook_id": "a5df3ed9-00000-0000-96cb-150e3fe3e31d"}'
    )
    assert sign(body, secret="your_client_secret") == "LfNMDsAbW2VNhEhqwNazHjM00z6RL7yQ6EsnJLFzl94="


def test_events_arrive_signed_in_pythons_json_spelling(person, sandbox, receiver):
    sandbox.webhooks.register(receiver.url)
    routine = person.pay()
    sandbox.webhooks.deliver_pending()
    assert receiver.types == ["routine_updated", "transfer_created"]
    event = receiver.events[receiver.types.index("routine_updated")]
    assert event["resource_id"] == routine["id"]
    assert event["user_id"] == person.id
    assert "status" not in event
    for signature, body in receiver.received:
        assert body == json.dumps(json.loads(body)).encode()
        digest = hmac.new(sandbox.client_secret.encode(), body, hashlib.sha256).digest()
        assert signature == base64.b64encode(digest).decode()


def test_user_events_carry_the_metadata(program, sandbox, receiver):
    sandbox.webhooks.register(receiver.url)
    intent = program.intent(metadata={"customer": "42"})
    sandbox.webhooks.deliver_pending()
    assert receiver.events[0]["webhook_type"] == "user_intent_updated"
    assert receiver.events[0]["user_id"] == receiver.events[0]["resource_id"] == intent
    assert receiver.events[0]["metadata"] == {"customer": "42"}


def test_a_refused_event_is_tried_ten_more_times_in_about_five_hours(person, sandbox, receiver):
    sandbox.webhooks.register(receiver.url)
    receiver.status = 500
    person.pay(start_date="2026-03-20")
    sandbox.webhooks.deliver_pending()
    while len(receiver.received) < 11:
        sandbox.advance(seconds=6)
        sandbox.webhooks.deliver_pending()
    times = [attempt.time for attempt in sandbox.webhooks.attempts]
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert waits == [18 * 2**retry for retry in range(10)]
    assert 4.5 * 3600 < sum(waits) < 5.5 * 3600
    assert len({event["webhook_id"] for event in receiver.events}) == 1
    sandbox.advance(days=2)
    sandbox.webhooks.deliver_pending()
    assert len(receiver.received) == 11
    assert len(sandbox.webhooks.abandoned) == 1


def test_an_event_that_is_confirmed_late_is_not_sent_again(person, sandbox, receiver):
    sandbox.webhooks.register(receiver.url)
    receiver.status = 503
    person.pay(start_date="2026-03-10")
    sandbox.webhooks.deliver_pending()
    receiver.status = 200
    sandbox.advance(minutes=1)
    sandbox.webhooks.deliver_pending()
    sandbox.advance(days=1)
    sandbox.webhooks.deliver_pending()
    assert len(receiver.received) == 2
    assert [attempt.status for attempt in sandbox.webhooks.attempts] == [503, 200]


def test_events_come_out_of_order_and_twice_on_demand(person, sandbox, receiver):
    sandbox.webhooks.register(receiver.url)
    sandbox.webhooks.hold()
    person.pay()
    sandbox.advance(days=3)
    assert sandbox.webhooks.deliver_pending() == []
    sandbox.webhooks.release(order="reversed", copies=2)
    sandbox.webhooks.deliver_pending()
    assert receiver.types[0] == "routine_updated"
    assert receiver.types.index("transfer_updated") < receiver.types.index("transfer_created")
    assert len(receiver.received) == 8
    assert len({event["webhook_id"] for event in receiver.events}) == 4


def test_a_lost_confirmation_sends_the_same_event_again(person, sandbox, receiver):
    sandbox.webhooks.register(receiver.url)
    person.pay(start_date="2026-03-10")
    sandbox.webhooks.deliver_pending()
    sandbox.webhooks.redeliver(receiver.events[0]["webhook_id"])
    sandbox.webhooks.deliver_pending()
    assert receiver.received[0] == receiver.received[1]


def test_a_receiver_that_is_down_costs_only_an_attempt(person, sandbox):
    sandbox.webhooks.register("http://127.0.0.1:9/hooks")
    person.pay(start_date="2026-03-10")
    attempts = sandbox.webhooks.deliver_pending() or sandbox.webhooks.attempts
    assert attempts[0].status is None
    assert "refused" in attempts[0].error


def test_things_happen_in_the_background_as_time_passes(receiver):
    from astra.sandbox import Sandbox

    with Sandbox() as sandbox:
        sandbox.webhooks.register(receiver.url)
        user = sandbox.users.create(accounts=2)
        sandbox.authorize(user_id=user.id)
        sandbox.users.set_status(user.id, "approved")
        sandbox.webhooks.deliver_pending()
        assert receiver.types == ["user_updated"]
