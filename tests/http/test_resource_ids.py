"""Which object a call was about."""

from __future__ import annotations

import json

import pytest

from astra.http.resource_ids import LONGEST_BODY, resource_id_of


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/v1/transfers/{id}", "/v1/transfers/tr_1", "tr_1"),
        ("/v1/transfers/{id}", "/v1/transfers/tr%201?cursor=x/y", "tr 1"),
        ("/v1/transfers/{id}/cancel", "/v1/transfers/tr_1/cancel", "tr_1"),
        ("/v1/business_profile/{business_profile_id}", "/v1/business_profile/b1", "b1"),
        ("/v1/a/{a_id}/b/{id}", "/v1/a/first/b/second", "second"),
        ("/v1/bins/{bin}", "/v1/bins/411111", None),
        ("/v1/x/{paid}", "/v1/x/1", None),
        ("/v1/transfers", "/v1/transfers", None),
        ("/v1/transfers/{id}", "/v1", None),
        ("/v1/transfers/{id}", "/v1/transfers", None),
        ("/v1/a/{a_id}/b/{id}", "/v1/a/first/b", "first"),
    ],
)
def test_the_id_in_a_path(template: str, path: str, expected: str | None) -> None:
    assert resource_id_of(template, path, made=None) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"id": "r1", "source": {"id": "a1"}}', "r1"),
        (b'[{"id": "r1"}]', "r1"),
        (b'[{"id": "r1"}, {"id": "r2"}]', "of-path"),
        (b'{"source": {"id": "a1"}}', "of-path"),
        (b'{"id": 7}', "of-path"),
        (b'{"id": ""}', "of-path"),
        (b'{"id": null}', "of-path"),
        (b"", "of-path"),
        (b"[]", "of-path"),
        (b"\xff", "of-path"),
        (b"[" * 60_000, "of-path"),
        (b"9" * 5_000, "of-path"),
    ],
)
def test_the_id_of_what_was_made_goes_before_that_in_the_path(body: bytes, expected: str) -> None:
    assert resource_id_of("/v1/x/{id}", "/v1/x/of-path", made=body) == expected


def test_a_long_answer_is_not_looked_through() -> None:
    assert LONGEST_BODY == 65_536
    body = json.dumps({"id": "r1"}).encode()
    assert resource_id_of("/v1/x", "/v1/x", made=body.ljust(LONGEST_BODY)) == "r1"
    assert resource_id_of("/v1/x", "/v1/x", made=body.ljust(LONGEST_BODY + 1)) is None
