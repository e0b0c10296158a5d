"""What makes two requests the same payment."""

from __future__ import annotations

import pytest

from astra.payments.fingerprint import fingerprint


def of(body: bytes | None, *, operation: str = "create_routine", path: str = "/v1/routines") -> str:
    return fingerprint(operation, path, body)


@pytest.mark.parametrize(
    "other",
    [
        b'{"b":{"c":[1,"x"]},"a":20}',
        b'{"a":20.00,"b":{"c":[1.0,"x"]}}',
        b'{"a":2e1,"b":{"c":[1,"x"]},"client_correlation_id":"X"}',
    ],
)
def test_order_decimals_and_the_correlation_id_make_no_other_payment(other: bytes) -> None:
    assert of(other) == of(b'{"a":20,"b":{"c":[1,"x"]}}')


@pytest.mark.parametrize(
    "other",
    [
        b'{"a":20.01}',
        b'{"a":"20"}',
        b'{"a":[20]}',
        b'{"a":20,"b":null}',
        b'{"a":null}',
        b'{"A":20}',
        b'{"a":NaN}',
        b"{}",
        b"\xff{",
        b"",
        None,
    ],
)
def test_all_else_makes_another(other: bytes | None) -> None:
    assert of(other) != of(b'{"a":20}')


def test_a_correlation_id_inside_another_object_counts() -> None:
    assert of(b'{"a":{"client_correlation_id":"X"}}') != of(b'{"a":{"client_correlation_id":"Y"}}')


def test_operation_and_path_count() -> None:
    assert len({of(b"{}"), of(b"{}", operation="x"), of(b"{}", path="/v1/routines/1"), of(None)}) == 4


def test_it_is_the_same_in_every_release() -> None:
    """Records outlive releases: another hash for the same payment would be a conflict."""
    assert of(b'{"amount":20.10,"name":"\xc3\xa9"}') == (
        "1:413235c3b69b367f47daa230489e0be195a2b62390d809e93520f25acad16530"
    )
