"""QR codes (ISO/IEC 18004): text as bytes, versions 1 to 15, the level L of correction. Pure.

A link on a screen gets to a phone by its camera. A screen is not torn and not stained, so the lowest level is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

# Of each version: codewords of correction in a block, and how many blocks hold how many codewords of data.
_BLOCKS: Final = {
    1: (7, ((1, 19),)), 2: (10, ((1, 34),)), 3: (15, ((1, 55),)), 4: (20, ((1, 80),)), 5: (26, ((1, 108),)),
    6: (18, ((2, 68),)), 7: (20, ((2, 78),)), 8: (24, ((2, 97),)), 9: (30, ((2, 116),)), 10: (18, ((2, 68), (2, 69))),
    11: (20, ((4, 81),)), 12: (24, ((2, 92), (2, 93))), 13: (26, ((4, 107),)), 14: (30, ((3, 115), (1, 116))),
    15: (22, ((5, 87), (1, 88))),
}  # fmt: skip
_ALIGNED: Final = {
    1: (), 2: (6, 18), 3: (6, 22), 4: (6, 26), 5: (6, 30), 6: (6, 34), 7: (6, 22, 38), 8: (6, 24, 42), 9: (6, 26, 46),
    10: (6, 28, 50), 11: (6, 30, 54), 12: (6, 32, 58), 13: (6, 34, 62), 14: (6, 26, 46, 66), 15: (6, 26, 48, 70),
}  # fmt: skip
_FORMAT_OF_L: Final = 1
_MASKS: Final[tuple[Callable[[int, int], int], ...]] = (
    lambda x, y: (x + y) % 2,
    lambda _, y: y % 2,
    lambda x, _: x % 3,
    lambda x, y: (x + y) % 3,
    lambda x, y: (x // 3 + y // 2) % 2,
    lambda x, y: x * y % 2 + x * y % 3,
    lambda x, y: (x * y % 2 + x * y % 3) % 2,
    lambda x, y: ((x + y) % 2 + x * y % 3) % 2,
)
Grid = list[list[bool]]


@attrs.frozen
class Code:
    """A code without its quiet zone, which is four modules wide.

    Attributes:
        grid: its dark modules, row by row.
    """

    grid: Grid

    @property
    def size(self) -> int:
        """How many modules it is wide."""
        return len(self.grid)

    @property
    def path(self) -> str:
        """Its dark modules as the path of an SVG whose unit is a module."""
        return "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(self.grid) for x, dark in enumerate(row) if dark)


def qr_code(text: str) -> Code | None:
    """Returns a code, or None when the text is too long.

    Args:
        text: what it says.
    """
    raw = text.encode()
    for version, (_, blocks) in _BLOCKS.items():
        room = sum(count * size for count, size in blocks)
        if len(raw) + (2 if version < 10 else 3) <= room:
            return Code(_drawn(version, _codewords(raw, version, room)))
    return None


def _codewords(raw: bytes, version: int, room: int) -> list[int]:
    bits = "0100" + format(len(raw), "08b" if version < 10 else "016b") + "".join(format(byte, "08b") for byte in raw)
    bits += "0" * min(4, room * 8 - len(bits))
    bits += "0" * (-len(bits) % 8)
    data = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    data += [(0xEC, 0x11)[number % 2] for number in range(room - len(data))]
    corrected, blocks = _BLOCKS[version]
    parts: list[list[int]] = []
    for count, size in blocks:
        for _ in range(count):
            parts.append(data[:size])
            data = data[size:]
    checks = [_remainder(part, corrected) for part in parts]
    mixed = [part[at] for at in range(max(map(len, parts))) for part in parts if at < len(part)]
    return mixed + [check[at] for at in range(corrected) for check in checks]


def _times(one: int, other: int) -> int:
    product = 0
    for place in range(7, -1, -1):
        product = (product << 1) ^ ((product >> 7) * 0x11D)
        product ^= ((other >> place) & 1) * one
    return product


def _remainder(data: list[int], degree: int) -> list[int]:
    divisor = [0] * (degree - 1) + [1]
    root = 1
    for _ in range(degree):
        divisor = [_times(term, root) ^ (divisor[at + 1] if at + 1 < degree else 0) for at, term in enumerate(divisor)]
        root = _times(root, 2)
    left = [0] * degree
    for byte in data:
        factor = byte ^ left[0]
        left = [term ^ _times(divisor[at], factor) for at, term in enumerate([*left[1:], 0])]
    return left


class _Drawing:
    """A code under way: which modules are dark, and which are not for data."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.size = 17 + 4 * version
        self.dark = [[False] * self.size for _ in range(self.size)]
        self.taken = [[False] * self.size for _ in range(self.size)]
        self._patterns()

    def put(self, x: int, y: int, *, dark: bool) -> None:
        if 0 <= x < self.size and 0 <= y < self.size:
            self.dark[y][x], self.taken[y][x] = dark, True

    def _patterns(self) -> None:
        last = self.size - 1
        for at in range(self.size):
            self.put(6, at, dark=at % 2 == 0)
            self.put(at, 6, dark=at % 2 == 0)
        for x, y in ((3, 3), (last - 3, 3), (3, last - 3)):
            for across in range(-4, 5):
                for down in range(-4, 5):
                    self.put(x + across, y + down, dark=max(abs(across), abs(down)) not in (2, 4))
        places = _ALIGNED[self.version]
        for x in places:
            for y in places:
                if (x, y) not in ((6, 6), (6, last - 6), (last - 6, 6)):
                    for across in range(-2, 3):
                        for down in range(-2, 3):
                            self.put(x + across, y + down, dark=max(abs(across), abs(down)) != 1)
        self.format(0)
        if self.version >= 7:
            left = self.version
            for _ in range(12):
                left = (left << 1) ^ ((left >> 11) * 0x1F25)
            for at in range(18):
                dark = bool((self.version << 12 | left) >> at & 1)
                self.put(last - 10 + at % 3, at // 3, dark=dark)
                self.put(at // 3, last - 10 + at % 3, dark=dark)

    def format(self, mask: int) -> None:
        told = _FORMAT_OF_L << 3 | mask
        left = told
        for _ in range(10):
            left = (left << 1) ^ ((left >> 9) * 0x537)
        bits = (told << 10 | left) ^ 0x5412
        first = [*((8, at) for at in range(6)), (8, 7), (8, 8), (7, 8), *((14 - at, 8) for at in range(9, 15))]
        second = [
            *((self.size - 1 - at, 8) for at in range(8)), *((8, self.size - 15 + at) for at in range(8, 15))
        ]  # fmt: skip
        for places in (first, second):
            for at, (x, y) in enumerate(places):
                self.put(x, y, dark=bool(bits >> at & 1))
        self.put(8, self.size - 8, dark=True)

    def fill(self, codewords: list[int]) -> None:
        bits = iter([bool(word >> at & 1) for word in codewords for at in range(7, -1, -1)])
        for right in [*range(self.size - 1, 6, -2), *range(5, 0, -2)]:
            upward = (right + 1) & 2 == 0
            for step in range(self.size):
                y = self.size - 1 - step if upward else step
                for x in (right, right - 1):
                    if not self.taken[y][x]:
                        self.dark[y][x] = next(bits, False)

    def masked(self, mask: int) -> Grid:
        self.format(mask)
        rule = _MASKS[mask]
        return [
            [dark ^ (not self.taken[y][x] and rule(x, y) == 0) for x, dark in enumerate(row)]
            for y, row in enumerate(self.dark)
        ]


def _drawn(version: int, codewords: list[int]) -> Grid:
    drawing = _Drawing(version)
    drawing.fill(codewords)
    return min((drawing.masked(mask) for mask in range(8)), key=_penalty)


def _penalty(grid: Grid) -> int:
    total = 0
    lines = ["".join("1" if dark else "0" for dark in row) for row in grid]
    lines += ["".join("1" if row[x] else "0" for row in grid) for x in range(len(grid))]
    for line in lines:
        run = 1
        for at in range(1, len(line) + 1):
            if at < len(line) and line[at] == line[at - 1]:
                run += 1
            else:
                total += run - 2 if run >= 5 else 0
                run = 1
        total += 40 * sum(line.startswith(("10111010000", "00001011101"), at) for at in range(len(line)))
    for y in range(len(grid) - 1):
        for x in range(len(grid) - 1):
            total += 3 * (grid[y][x] == grid[y][x + 1] == grid[y + 1][x] == grid[y + 1][x + 1])
    dark = sum(map(sum, grid))
    return total + int(abs(dark * 20 / len(grid) ** 2 - 10)) * 10
