"""Keys of users: text that every store can keep."""

from __future__ import annotations

import enum
import uuid

import pytest

from astra.errors import InvalidRequestError
from astra.tokens.user_keys import LONGEST_KEY, check_user_key, is_user_key


@pytest.mark.parametrize(
    "key", ["c", "customer-42", "a b", "é" * LONGEST_KEY, "o'hara@example.com", "ключ", "a\ue000", "a\ud7ff", "a\nb"]
)
def test_text_is_a_key(key: str) -> None:
    assert check_user_key(key) == key


@pytest.mark.parametrize("key", [None, 42, 0, True, b"c", uuid.UUID(int=7), ["c"]])
def test_what_is_no_text_is_refused_and_the_error_says_what_to_do(key: object) -> None:
    with pytest.raises(InvalidRequestError, match=r"pass str\(\.\.\.\)") as caught:
        check_user_key(key)
    assert caught.value.argument == "key"
    assert type(key).__name__ in str(caught.value)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "empty"),
        (" \t", "empty"),
        ("c" * (LONGEST_KEY + 1), "256 characters; at most 255"),
        ("a\x00b", "NUL"),
        ("a\ud800", "surrogate"),
    ],
)
def test_a_key_that_a_store_could_lose_is_refused(key: str, why: str) -> None:
    with pytest.raises(InvalidRequestError, match=why) as caught:
        check_user_key(key, argument="user")
    assert caught.value.argument == "user"
    assert str(caught.value).startswith("user ")


class Customer(str, enum.Enum):  # noqa: UP042 - its members are written in another way than those of StrEnum
    FIRST = "c1"


class Better(enum.StrEnum):
    FIRST = "c1"


def test_text_that_is_written_as_another_text_is_refused() -> None:
    """Some stores would keep it under the one, and look for it under the other."""
    with pytest.raises(InvalidRequestError, match="key is a Customer") as caught:
        check_user_key(Customer.FIRST)
    assert caught.value.argument == "key"
    assert check_user_key(Better.FIRST) == "c1"


def test_what_is_no_key_can_be_told_without_an_error() -> None:
    assert [is_user_key(key) for key in ("c", "", " ", "c" * 256, 42, None, Customer.FIRST)] == [True, *[False] * 6]


def test_no_half_of_a_surrogate_pair_is_taken() -> None:
    for half in (0xD800, 0xDBFF, 0xDC00, 0xDFFF):
        with pytest.raises(InvalidRequestError, match="surrogate"):
            check_user_key(f"a{chr(half)}")
