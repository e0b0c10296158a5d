"""Bodies are decompressed as RFC 9110 says, in pieces of any size, and within the limit."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from astra.http.decoding import STEP, Body, BodyUnreadable
from astra.http.failures import BodyTooLarge


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED = {
    None: lambda data: data,
    "": lambda data: data,
    "identity": lambda data: data,
    "gzip": gzip.compress,
    "X-GZIP": gzip.compress,
    "deflate": zlib.compress,
    " deflate ": bare,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    "deflate, identity, gzip": lambda data: gzip.compress(zlib.compress(data)),
}


def read(packed: bytes, encoding: str | None, *, step: int = 7, limit: int = 10 * STEP) -> bytes:
    body = Body(encoding, limit=limit)
    for start in range(0, len(packed), step):
        body.feed(packed[start : start + step])
    return body.end()


@pytest.mark.parametrize("encoding", PACKED)
@given(data=st.binary(max_size=200), step=st.integers(1, 100))
def test_what_was_packed_comes_out(encoding: str | None, data: bytes, step: int) -> None:
    assert read(PACKED[encoding](data), encoding, step=step) == data


@pytest.mark.parametrize("encoding", ["gzip", "deflate", " deflate ", "gzip, gzip"])
@pytest.mark.parametrize("size", [STEP - 1, STEP, STEP + 1, 3 * STEP, 3 * STEP + 100])
def test_much_in_one_piece_comes_out_whole(encoding: str, size: int) -> None:
    data = bytes(size)
    packed = PACKED[encoding](data)
    assert read(packed, encoding, step=len(packed)) == data


def test_gzip_members_behind_each_other_are_one_body() -> None:
    assert read(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", step=1000) == b"one two"
    assert read(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", step=1) == b"one two"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
def test_a_body_that_breaks_off_is_unreadable(encoding: str) -> None:
    packed = PACKED[encoding](b"x" * 500)
    for end in range(1, len(packed)):
        with pytest.raises(BodyUnreadable):
            read(packed[:end], encoding)


def test_a_compressed_body_of_no_bytes_is_empty() -> None:
    assert read(b"", "gzip") == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize(
    "packed", [b"not packed at all", gzip.compress(b"x" * 100, mtime=0)[:10] + b"\xff" * 40], ids=["plain", "broken"]
)
def test_a_body_of_garbage_is_unreadable(encoding: str, packed: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        read(packed, encoding)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "compress"])
def test_an_encoding_that_nobody_asked_for_is_unreadable(encoding: str) -> None:
    with pytest.raises(BodyUnreadable, match="not asked for"):
        Body(encoding, limit=10)


def test_a_body_may_be_packed_three_times() -> None:
    assert read(gzip.compress(gzip.compress(gzip.compress(b"{}"))), "gzip, gzip, gzip") == b"{}"
    with pytest.raises(BodyUnreadable, match="4 times"):
        Body("gzip, gzip, gzip, gzip", limit=10)


@pytest.mark.parametrize("encoding", [None, "gzip", "deflate", "gzip, gzip"])
def test_the_limit_is_of_what_comes_out(encoding: str | None) -> None:
    packed = PACKED[encoding](b"x" * 100)
    assert read(packed, encoding, limit=100) == b"x" * 100
    with pytest.raises(BodyTooLarge, match="99 bytes"):
        read(packed, encoding, limit=99)


@pytest.mark.parametrize(
    ("length", "refused"),
    [(None, False), ("100", False), ("101", True), ("9" * 30, False), ("-5", False), ("x", False)],
)
def test_a_length_that_is_announced_is_refused_at_once(length: str | None, refused: bool) -> None:
    body = Body(None, limit=100)
    if refused:
        with pytest.raises(BodyTooLarge):
            body.expect(length)
    else:
        body.expect(length)
