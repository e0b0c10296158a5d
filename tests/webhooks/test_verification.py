"""Which bodies verify, which do not, and what is read from them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.errors import ConfigurationError, WebhookPayloadError, WebhookVerificationError
from astra.webhooks import Webhooks

SECRET = "your_client_secret"
DOCUMENTED = (
    b'{"webhook_type": "routine_updated", "resource_id": "4816908952010752", '
    b'"user_id": "93k08a40d032o54f748773f", "webhook_id": "a5df3ed9-00000-0000-96cb-150e3fe3e31d"}'
)
DOCUMENTED_SIGNATURE = "LfNMDsAbW2VNhEhqwNazHjM00z6RL7yQ6EsnJLFzl94="


@pytest.fixture
def webhooks() -> Webhooks:
    return Webhooks(SECRET)


def compact(body: bytes) -> bytes:
    return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()


def test_the_documented_example_verifies_as_it_is(webhooks: Webhooks) -> None:
    event = webhooks.parse(DOCUMENTED, DOCUMENTED_SIGNATURE)
    assert (event.type, event.resource_id) == ("routine_updated", "4816908952010752")
    assert event.id == "a5df3ed9-00000-0000-96cb-150e3fe3e31d"


@pytest.mark.parametrize("rewrite", [compact, lambda body: json.dumps(json.loads(body), indent=2).encode()])
def test_the_documented_example_verifies_after_its_spacing_was_changed(webhooks: Webhooks, rewrite) -> None:
    assert rewrite(DOCUMENTED) != DOCUMENTED
    assert webhooks.parse(rewrite(DOCUMENTED), DOCUMENTED_SIGNATURE).resource_id == "4816908952010752"


def test_letters_outside_ascii_verify_raw_and_reserialized(webhooks: Webhooks) -> None:
    body = '{"webhook_type":"user_updated","webhook_id":"w","metadata":{"name":"Zoë 日本"}}'.encode()
    documented = json.dumps(json.loads(body)).encode()
    assert webhooks.parse(body, webhooks.sign(body)).metadata["name"] == "Zoë 日本"
    assert webhooks.parse(body, webhooks.sign(documented)).metadata["name"] == "Zoë 日本"


def test_only_signed_digits_are_read(webhooks: Webhooks) -> None:
    signed = b'{"webhook_type": "inbound_payment_received", "metadata": {"amount": 0.1}}'
    forged = signed.replace(b": ", b":").replace(b"0.1", b"0.1000000000000000055")
    event = webhooks.parse(forged, webhooks.sign(signed))
    assert event.body == signed
    assert str(event.metadata["amount"]) == "0.1"


def test_a_changed_key_order_does_not_verify(webhooks: Webhooks) -> None:
    turned = json.dumps(dict(reversed(list(json.loads(DOCUMENTED).items())))).encode()
    with pytest.raises(WebhookVerificationError):
        webhooks.verify(turned, DOCUMENTED_SIGNATURE)


def test_every_changed_byte_is_refused(webhooks: Webhooks) -> None:
    for position in range(len(DOCUMENTED)):
        tampered = bytearray(DOCUMENTED)
        tampered[position] ^= 1
        with pytest.raises(WebhookVerificationError):
            webhooks.verify(bytes(tampered), DOCUMENTED_SIGNATURE)


DIGEST = hmac.digest(SECRET.encode(), DOCUMENTED, hashlib.sha256)
MALFORMED = {
    "missing": None,
    "empty": "",
    "blank": "   ",
    "hex": DIGEST.hex(),
    "upper-case hex": DIGEST.hex().upper(),
    "too short": DOCUMENTED_SIGNATURE[:-2],
    "unpadded": DOCUMENTED_SIGNATURE.rstrip("="),
    "too long": DOCUMENTED_SIGNATURE + "=",
    "sha-512": base64.b64encode(hmac.digest(SECRET.encode(), DOCUMENTED, "sha512")).decode(),
    "sha-1": base64.b64encode(hmac.digest(SECRET.encode(), DOCUMENTED, "sha1")).decode(),
    "another secret": Webhooks("other").sign(DOCUMENTED),
    "another body": Webhooks(SECRET).sign(b"{}"),
    "not ascii": "é" + DOCUMENTED_SIGNATURE[1:],
    "wide letters": "\uff2c" + DOCUMENTED_SIGNATURE[1:],
    "lone surrogate": "\udcff" + DOCUMENTED_SIGNATURE[1:],
    "other bits in the padding": DOCUMENTED_SIGNATURE.replace("4=", "5="),
    "not base64": "!" * 44,
    "two values": f"{DOCUMENTED_SIGNATURE}, {DOCUMENTED_SIGNATURE}",
    "with a scheme": f"sha256={DOCUMENTED_SIGNATURE}",
    "bytes": DOCUMENTED_SIGNATURE.encode(),
    "a number": 44,
    "a list": [DOCUMENTED_SIGNATURE],
    "line break": DOCUMENTED_SIGNATURE + "\n",
    "huge": "A" * 1_000_000,
}


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_header_is_refused(webhooks: Webhooks, header: str | None) -> None:
    for method in (webhooks.verify, webhooks.parse):
        with pytest.raises(WebhookVerificationError) as caught:
            method(DOCUMENTED, header)
        assert DOCUMENTED_SIGNATURE not in str(caught.value)


@given(st.text(max_size=60) | st.binary(max_size=60) | st.none())
def test_no_header_but_the_right_one_passes(header: str | bytes | None) -> None:
    with pytest.raises(WebhookVerificationError):
        Webhooks(SECRET).verify(DOCUMENTED, header)  # type: ignore[arg-type]


@given(st.binary(max_size=200))
def test_no_body_raises_anything_but_a_webhook_error(body: bytes) -> None:
    webhooks = Webhooks(SECRET)
    with pytest.raises(WebhookVerificationError):
        webhooks.parse(body, DOCUMENTED_SIGNATURE)
    webhooks.verify(body, webhooks.sign(body))
    with pytest.raises(WebhookPayloadError):
        webhooks.parse(body, webhooks.sign(body))


@pytest.mark.parametrize("body", ["{}", {"webhook_type": "x"}, None, ["x"], memoryview(b"{}").cast("B")[:1:2].tolist()])
def test_a_parsed_body_is_answered_with_where_to_find_the_raw_one(webhooks: Webhooks, body) -> None:
    with pytest.raises(WebhookVerificationError, match="must be bytes") as caught:
        webhooks.parse(body, DOCUMENTED_SIGNATURE)
    for framework in ("Starlette", "Flask", "Django"):
        assert framework in str(caught.value)


def test_a_bytearray_serves_as_a_body(webhooks: Webhooks) -> None:
    assert webhooks.parse(bytearray(DOCUMENTED), DOCUMENTED_SIGNATURE).type == "routine_updated"


def test_surrounding_blanks_of_the_header_do_not_matter(webhooks: Webhooks) -> None:
    webhooks.verify(DOCUMENTED, f" {DOCUMENTED_SIGNATURE}\t")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"null", "not an object"),
        (b"[]", "not an object"),
        (b'"text"', "not an object"),
        (b"{", "not JSON"),
        (b"{}", "webhook_type"),
        (b'{"webhook_type": 7}', "webhook_type"),
        (b'{"webhook_type": ""}', "webhook_type"),
        (b'{"webhook_type": "a", "webhook_type": "b"}', "twice"),
        (b'{"webhook_type": "a", "metadata": {"x": 1, "x": 2}}', "twice"),
        (b'{"webhook_type": "a", "x": NaN}', "NaN"),
        (b'{"webhook_type": "a", "x": -Infinity}', "Infinity"),
        (b'{"webhook_type": "a", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested"),
        (b'{"webhook_type": "a", "x": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b'{"webhook_type": "a", "x": 1e9999999999999999999}', "not JSON: a number is out of range"),
        (b'{"webhook_type": "\xff"}', "UTF-8"),
        ('{"webhook_type": "a"}'.encode("utf-16"), "UTF-8"),
        (b"\xef\xbb\xbf" + b'{"webhook_type": "a"}', "not JSON"),
        (b'{"webhook_type": "a"} trailing', "not JSON"),
    ],
)
def test_a_signed_body_that_is_no_webhook_is_a_payload_error(webhooks: Webhooks, body: bytes, reason: str) -> None:
    with pytest.raises(WebhookPayloadError, match=reason):
        webhooks.parse(body, webhooks.sign(body))
    with pytest.raises(WebhookVerificationError):
        webhooks.parse(body, DOCUMENTED_SIGNATURE)


def test_a_huge_body_is_refused_before_it_is_hashed(webhooks: Webhooks) -> None:
    body = b" " * 200_000_000
    with pytest.raises(WebhookVerificationError, match="200000000 bytes"):
        webhooks.parse(body, DOCUMENTED_SIGNATURE)


def test_every_secret_verifies_while_it_is_rotated() -> None:
    old, new = Webhooks("old-secret"), Webhooks(["new-secret", "old-secret"])
    new.verify(DOCUMENTED, old.sign(DOCUMENTED))
    new.verify(DOCUMENTED, Webhooks("new-secret").sign(DOCUMENTED))
    assert new.sign(DOCUMENTED) == Webhooks("new-secret").sign(DOCUMENTED)
    with pytest.raises(WebhookVerificationError):
        Webhooks("new-secret").verify(DOCUMENTED, old.sign(DOCUMENTED))


@pytest.mark.parametrize("secret", [None, 5, b"secret", [b"secret"], ["a", None], "\ud800"], ids=repr)
def test_a_secret_that_is_no_text_is_refused_and_not_shown(secret) -> None:
    with pytest.raises(ConfigurationError, match="secret of webhooks") as caught:
        Webhooks(secret)
    assert "b'secret'" not in str(caught.value)


@pytest.mark.parametrize("secret", ["", [], ["a", ""]])
def test_an_empty_secret_is_refused(secret) -> None:
    with pytest.raises(ConfigurationError):
        Webhooks(secret)


def test_the_secret_shows_nowhere(webhooks: Webhooks) -> None:
    assert SECRET not in repr(webhooks)
    try:
        webhooks.parse(DOCUMENTED, Webhooks("other").sign(DOCUMENTED))
    except WebhookVerificationError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        values = [
            repr(value) for frame, _ in traceback.walk_tb(error.__traceback__) for value in frame.f_locals.values()
        ]
    shown += "".join(value for value in values if "DOCUMENTED" not in value)
    assert SECRET not in shown
    assert DOCUMENTED_SIGNATURE not in shown
