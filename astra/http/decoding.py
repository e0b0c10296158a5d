"""Decompresses the body of an answer piece by piece, and never into more than the client accepts. No I/O.

A few kilobytes of gzip can hold gigabytes, and httpx 0.28 inflates a whole piece at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from astra.http.failures import BodyTooLarge

STEP: Final = 2**20
"""Bytes that are decompressed at once, at most."""

MOST_CODINGS: Final = 3
"""How often a body may be compressed over."""


class BodyUnreadable(Exception):
    """The body is not what `Content-Encoding` says."""


class _Inflater(Protocol):
    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """One gzip stream, or several behind each other."""

    def __init__(self) -> None:
        self._inflater: _Inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def feed(self, data: bytes) -> Iterator[bytes]:
        more = True
        while more:
            if self._inflater.eof:
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
            found = self._inflater.decompress(data, STEP)
            yield found
            data = self._inflater.unconsumed_tail or self._inflater.unused_data
            # A full step may have taken all input and still hold back output.
            more = bool(data) or (len(found) == STEP and not self._inflater.eof)

    @property
    def complete(self) -> bool:
        return self._inflater.eof


class _Deflate:
    """The format of zlib; some servers send the bare one, without its header of two bytes."""

    def __init__(self) -> None:
        self._inflater: _Inflater | None = None
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inflater is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return
            has_header = data[0] & 15 == zlib.DEFLATED and int.from_bytes(data[:2]) % 31 == 0
            self._inflater = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        more = True
        while more:
            found = self._inflater.decompress(data, STEP)
            yield found
            data = self._inflater.unconsumed_tail
            more = bool(data) or (len(found) == STEP and not self._inflater.eof)

    @property
    def complete(self) -> bool:
        return self._inflater is not None and self._inflater.eof


class Body:
    """Collects the body of an answer.

    Args:
        encoding: the header `Content-Encoding`, or None.
        limit: bytes that the decompressed body may have.

    Raises:
        BodyUnreadable: the encoding is none that was asked for.
    """

    __slots__ = ("_codings", "_empty", "_limit", "_parts", "_size")

    def __init__(self, encoding: str | None, *, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._empty = True
        self._parts: list[bytes] = []
        self._codings = _codings(encoding) if encoding else ()

    def expect(self, length: str | None) -> None:
        """Refuses a body of which the header `Content-Length` says that it is too large.

        Raises:
            BodyTooLarge: it is.
        """
        if length is not None and length.isdecimal() and len(length) < 20 and int(length) > self._limit:
            raise self._too_large()

    def feed(self, piece: bytes) -> None:
        """Takes the next piece.

        Raises:
            BodyTooLarge: the body grew over the limit.
            BodyUnreadable: it cannot be decompressed.
        """
        self._empty = self._empty and not piece
        if not self._codings or not piece:
            self._keep(piece)
            return
        try:
            for part in _through(self._codings, piece):
                self._keep(part)
        except zlib.error as error:
            raise BodyUnreadable(f"the body cannot be decompressed: {error}") from error

    def end(self) -> bytes:
        """Returns the whole body.

        Raises:
            BodyUnreadable: a compressed body ends in the middle.
        """
        if not self._empty and not all(coding.complete for coding in self._codings):
            raise BodyUnreadable("the compressed body is not complete")
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit:
            self._parts.clear()
            raise self._too_large()
        if part:
            self._parts.append(part)

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(f"the body has more than {self._limit} bytes (max_response_size)")


def _codings(encoding: str) -> tuple[_Gzip | _Deflate, ...]:
    found: list[_Gzip | _Deflate] = []
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in ("gzip", "x-gzip"):
            found.append(_Gzip())
        elif name == "deflate":
            found.append(_Deflate())
        elif name not in ("", "identity"):
            raise BodyUnreadable(f"the body has the encoding {name[:40]!r}, which was not asked for")
    if len(found) > MOST_CODINGS:
        raise BodyUnreadable(f"the body is compressed {len(found)} times over")
    return tuple(found)


def _through(codings: tuple[_Gzip | _Deflate, ...], piece: bytes) -> Iterator[bytes]:
    if not codings:
        yield piece
        return
    for part in codings[0].feed(piece):
        if part:
            yield from _through(codings[1:], part)
