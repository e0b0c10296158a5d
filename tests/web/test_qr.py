"""A QR code is read back by the rules of ISO/IEC 18004, written down here a second time, as a reader needs them."""

from __future__ import annotations

import pytest

from astra.web.qr import Grid, qr_code

BLOCKS = {1: ([19], 7), 5: ([108], 26), 10: ([68, 68, 69, 69], 18), 14: ([115, 115, 115, 116], 30)}


def read(grid: Grid) -> tuple[int, str]:
    """The version of a code, and what it says; every check that it carries is made."""
    size = len(grid)
    version = (size - 17) // 4
    known = sum(grid[y][8] << at for at, y in enumerate([0, 1, 2, 3, 4, 5, 7, 8]))
    known |= sum(grid[8][x] << at for at, x in zip(range(8, 15), [7, 5, 4, 3, 2, 1, 0], strict=True))
    told = known ^ 0x5412
    left = told
    for at in range(14, 9, -1):
        left ^= (0x537 << (at - 10)) if left >> at & 1 else 0
    assert left == 0, "the format does not check"
    level, mask = told >> 13, told >> 10 & 7
    assert level == 1
    data, checks = BLOCKS[version]
    words = _words(grid, version, mask)
    blocks: list[list[int]] = [[] for _ in data]
    for at in range(max(data)):
        for block, length in zip(blocks, data, strict=True):
            if at < length:
                block.append(words.pop(0))
    raw = b"".join(map(bytes, blocks))
    for _ in range(checks):
        for block in blocks:
            block.append(words.pop(0))
    assert not any(_syndrome(block, power) for block in blocks for power in range(checks)), "it does not correct"
    bits = "".join(format(byte, "08b") for byte in raw)
    wide = 8 if version < 10 else 16
    assert bits[:4] == "0100"
    length, start = int(bits[4 : 4 + wide], 2), 4 + wide
    return version, bytes(int(bits[at : at + 8], 2) for at in range(start, start + 8 * length, 8)).decode()


def _syndrome(block: list[int], power: int) -> int:
    """The value of a block at a root of its generator: zero where nothing is wrong."""
    logs = [1]
    for _ in range(254):
        logs.append(logs[-1] << 1 ^ (0x11D if logs[-1] & 0x80 else 0))
    total = 0
    for word in block:
        total = (logs[(logs.index(total) + power) % 255] if total else 0) ^ word
    return total


def _words(grid: Grid, version: int, mask: int) -> list[int]:
    size = len(grid)
    centres = {1: [], 5: [6, 30], 10: [6, 28, 50], 14: [6, 26, 46, 66]}[version]

    def is_data(x: int, y: int) -> bool:
        if 6 in (x, y) or (x < 9 and y < 9) or (x >= size - 8 and y < 9) or (x < 9 and y >= size - 8):
            return False
        if version >= 7 and ((x >= size - 11 and y < 6) or (y >= size - 11 and x < 6)):
            return False
        corners = ((6, 6), (6, size - 7), (size - 7, 6))
        near = [(a, b) for a in centres for b in centres if abs(a - x) < 3 and abs(b - y) < 3]
        return not any(centre not in corners for centre in near)

    flips = [
        (x + y) % 2 == 0 if mask == 0 else y % 2 == 0 if mask == 1 else x % 3 == 0 if mask == 2
        else (x + y) % 3 == 0 if mask == 3 else (y // 2 + x // 3) % 2 == 0 if mask == 4
        else x * y % 2 + x * y % 3 == 0 if mask == 5 else (x * y % 2 + x * y % 3) % 2 == 0 if mask == 6
        else ((x + y) % 2 + x * y % 3) % 2 == 0
        for y in range(size) for x in range(size)
    ]  # fmt: skip
    bits, upward, column = "", True, size - 1
    while column > 0:
        column -= column == 6
        for y in range(size - 1, -1, -1) if upward else range(size):
            for x in (column, column - 1):
                if is_data(x, y):
                    bits += str(int(grid[y][x] ^ flips[y * size + x]))
        upward, column = not upward, column - 2
    return [int(bits[at : at + 8], 2) for at in range(0, len(bits) - len(bits) % 8, 8)]


@pytest.mark.parametrize(("text", "version"), [
    ("http://a/", 1),
    ("http://127.0.0.1:8792/login/oauth/authorize?client_id=sandbox-client&" + "x" * 30, 5),
    ("http://127.0.0.1:8792/verify/personal?" + "a%2F" * 55, 10),
    ("\u00e9" + "y" * 440, 14),
])  # fmt: skip
def test_what_was_written_is_read(text: str, version: int) -> None:
    code = qr_code(text)
    assert code is not None
    assert read(code.grid) == (version, text)


def test_a_text_that_is_too_long_has_no_code() -> None:
    assert qr_code("x" * 600) is None
