"""Where the marks of a chart are. Pure; the templates draw them.

A chart is as wide as its page: it is drawn on 100 units of height, stretched to what there is, and has no text in it.
Labels are HTML beside it, so that they keep their size on a phone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import attrs

STEP: Final = 10.0
GAP: Final = 1.5
LEAST: Final = 2.0
"""Height of the smallest value that is not zero: one failure among a million is to be seen."""


@attrs.frozen(kw_only=True)
class Column:
    """One column of a chart.

    Attributes:
        label: what it stands for, for example a time.
        parts: its parts from the ground up: kind, which decides on the colour, and value.
    """

    label: str
    parts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """The sum of its parts."""
        return sum(value for _, value in self.parts)


@attrs.frozen(kw_only=True)
class Mark:
    """A rectangle.

    Attributes:
        x, y, width, height: where it is; y grows downwards.
        kind: decides on the colour.
        tip: what it says to a pointer that rests on it.
    """

    x: float
    y: float
    width: float
    height: float
    kind: str
    tip: str


@attrs.frozen(kw_only=True)
class Chart:
    """Stacked columns.

    Attributes:
        width: units from left to right; the height is 100.
        marks: what to draw.
        peak: the largest total.
        columns: what it shows, for the table beside it.
        kinds: names of the kinds that occur, in the order of the parts.
        ticks: labels for the axis below, the first, some between and the last.
    """

    width: float
    marks: tuple[Mark, ...]
    peak: int
    columns: tuple[Column, ...]
    kinds: tuple[str, ...]
    ticks: tuple[str, ...]

    @property
    def total(self) -> int:
        """The sum of all columns."""
        return sum(column.total for column in self.columns)


def stack(columns: Sequence[Column], *, ticks: int = 4) -> Chart:
    """Lays columns out.

    Args:
        columns: from left to right.
        ticks: how many labels stand below; 0: one for each column.
    """
    peak = max((column.total for column in columns), default=0)
    marks: list[Mark] = []
    for index, column in enumerate(columns):
        marks += _marks(column, x=index * STEP + GAP / 2, peak=peak)
    kinds = dict.fromkeys(kind for column in columns for kind, _ in column.parts)
    present = {kind for column in columns for kind, value in column.parts if value}
    return Chart(
        width=max(len(columns), 1) * STEP,
        marks=tuple(marks),
        peak=peak,
        columns=tuple(columns),
        kinds=tuple(kind for kind in kinds if kind in present),
        ticks=tuple(column.label for column in _spread(columns, ticks)),
    )


def _marks(column: Column, *, x: float, peak: int) -> list[Mark]:
    drawn = [(kind, value, max(value / peak * 100, LEAST)) for kind, value in column.parts if value]
    # What small parts were given is taken from the largest, so that the column ends where its total does.
    excess = sum(height for *_, height in drawn) - max(column.total / peak * 100, LEAST) if drawn else 0.0
    largest = max(range(len(drawn)), key=lambda index: drawn[index][2], default=0)
    marks: list[Mark] = []
    ground = 100.0
    for index, (kind, value, height) in enumerate(drawn):
        tall = max(height - excess, LEAST) if index == largest else height
        ground -= tall
        tip = f"{column.label}: {value:,} {kind}"
        marks.append(
            Mark(x=round(x, 2), y=round(ground, 2), width=STEP - GAP, height=round(tall, 2), kind=kind, tip=tip)
        )
    return marks


def _spread(columns: Sequence[Column], count: int) -> list[Column]:
    if count == 0 or len(columns) <= count:
        return list(columns)
    return [columns[round(index * (len(columns) - 1) / (count - 1))] for index in range(count)]


def place(value: float, *, low: float, high: float) -> float:
    """Where a duration is on a logarithmic scale, from 0 to 100.

    Args:
        value: the duration.
        low: what is at 0.
        high: what is at 100.
    """
    if high <= low or value <= low:
        return 0.0
    return round(min(math.log(value / low) / math.log(high / low) * 100, 100.0), 2)
