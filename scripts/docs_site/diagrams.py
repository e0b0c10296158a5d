"""Diagrams of the guides as HTML that needs no script and no network.

They are written in the Markdown as mermaid, which hosts of repositories draw. Of mermaid this knows what the guides
use: sequence diagrams, and state diagrams, which become a list of transitions.
"""

from __future__ import annotations

import html
import itertools
import re
import textwrap
from dataclasses import dataclass, field

MESSAGE = re.compile(r"(\w+)\s*(-->>|->>|--x|-x)\s*(\w+)\s*:\s*(.+)")
NOTE = re.compile(r"Note (?:over|right of|left of) ([\w, ]+?)\s*:\s*(.+)")
TRANSITION = re.compile(r"(\[\*\]|\w+)\s*-->\s*(\[\*\]|\w+)\s*(?::\s*(.+))?")
LETTER, LINE, HEAD = 6.9, 17, 44
WIDTH = 30
"""Letters in a line of a label."""


def draw(source: str) -> str:
    """Returns a diagram as HTML.

    Args:
        source: the diagram in mermaid.

    Raises:
        ValueError: the diagram uses something that is not known here.
    """
    kind, *lines = [line.strip() for line in source.strip().splitlines() if line.strip()]
    if kind == "sequenceDiagram":
        return Sequence(lines).html()
    if kind == "stateDiagram-v2":
        return transitions(lines)
    raise ValueError(f"a diagram of an unknown kind: {kind}")


def transitions(lines: list[str]) -> str:
    """Returns a state diagram as a list of transitions."""
    rows: list[str] = []
    for line in lines:
        found = TRANSITION.fullmatch(line)
        if found is None:
            raise ValueError(f"not known in a state diagram: {line}")
        start, end, label = found.groups()
        rows.append(
            f"<li>{_state(start, 'start')}<span class='why'>{html.escape(label or '')}</span>{_state(end, 'end')}</li>"
        )
    return f"<ul class='transitions' aria-label='State diagram'>\n{chr(10).join(rows)}\n</ul>"


def _state(name: str, end: str) -> str:
    if name == "[*]":
        return f"<span class='edge'>{end}</span>"
    return f"<span class='state'>{html.escape(name.replace('_', ' '))}</span>"


@dataclass
class Sequence:
    """A sequence diagram that is being drawn from top to bottom."""

    lines: list[str]
    names: dict[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    y: float = HEAD + 24

    def html(self) -> str:
        """Returns the diagram, with all that it says as text beside it."""
        steps = [self._step(line) for line in self.lines]
        x = self._columns(steps)
        open_frames: list[tuple[float, str]] = []
        for kind, values in steps:
            if kind == "message":
                self._message(x, *values)
            elif kind == "note":
                self._note(x, *values)
            elif kind in ("alt", "opt"):
                self.y += 12
                open_frames.append((self.y, ""))
                self._case(x, kind, values[0], len(open_frames))
            elif kind == "else":
                self._case(x, "else", values[0], len(open_frames))
            elif kind == "end":
                top, _ = open_frames.pop()
                inset = 6 + 6 * len(open_frames)
                width = max(x.values()) + 74 - 2 * inset
                self.parts.append(
                    f"<rect class='frame' x='{inset}' y='{top - 8:.0f}' width='{width:.0f}' "
                    f"height='{self.y - top + 2:.0f}' rx='5'/>"
                )
                self.y += 12
        width, height = max(x.values()) + 76, self.y + 10
        heads = "".join(
            f"<line class='life' x1='{x[name]:.0f}' y1='{HEAD}' x2='{x[name]:.0f}' y2='{height - 6:.0f}'/>"
            f"<rect class='head' x='{x[name] - self._half(name):.0f}' y='8' "
            f"width='{2 * self._half(name):.0f}' height='32' rx='5'/>"
            f"<text class='name' x='{x[name]:.0f}' y='28'>{html.escape(shown)}</text>"
            for name, shown in self.names.items()
        )
        told = "".join(f"<li>{html.escape(word)}</li>" for word in self.words)
        return (
            f"<div class='diagram'><svg viewBox='0 0 {width:.0f} {height:.0f}' width='{width:.0f}' role='img' "
            f"aria-label='Sequence diagram; the steps follow as text'>{heads}{''.join(self.parts)}</svg></div>\n"
            f"<details class='told'><summary>The diagram as text</summary><ol>{told}</ol></details>"
        )

    def _half(self, name: str) -> float:
        return len(self.names[name]) * LETTER / 2 + 14

    def _step(self, line: str) -> tuple[str, tuple[str, ...]]:
        if found := re.fullmatch(r"(?:participant|actor) (\w+)(?: as (.+))?", line):
            self.names[found.group(1)] = found.group(2) or found.group(1)
            return "participant", ()
        if found := MESSAGE.fullmatch(line):
            for name in (found.group(1), found.group(3)):
                self.names.setdefault(name, name)
            return "message", found.groups()
        if found := NOTE.fullmatch(line):
            return "note", found.groups()
        word, _, rest = line.partition(" ")
        if word in ("alt", "opt", "else", "end"):
            return word, (rest,)
        raise ValueError(f"not known in a sequence diagram: {line}")

    def _columns(self, steps: list[tuple[str, tuple[str, ...]]]) -> dict[str, float]:
        """Where each participant stands: as near to its neighbor as the labels between them allow."""
        order = list(self.names)
        gaps = [self._half(left) + self._half(right) + 16 for left, right in itertools.pairwise(order)]
        for kind, values in steps:
            if kind != "message":
                continue
            start, end = sorted((order.index(values[0]), order.index(values[2])))
            if start == end:
                continue
            needed = max(map(len, textwrap.wrap(values[3], WIDTH))) * LETTER + 24
            missing = needed - sum(gaps[start:end])
            if missing > 0:
                for at in range(start, end):
                    gaps[at] += missing / (end - start)
        x = self._half(order[0]) + 22
        places = {order[0]: x}
        for name, gap in zip(order[1:], gaps, strict=True):
            x += gap
            places[name] = x
        return places

    def _message(self, x: dict[str, float], start: str, arrow: str, end: str, label: str) -> None:
        self.words.append(f"{self.names[start]} to {self.names[end]}: {label}")
        lines = textwrap.wrap(label, WIDTH)
        middle = (x[start] + x[end]) / 2
        for line in lines:
            self.y += LINE
            self.parts.append(f"<text class='label' x='{middle:.0f}' y='{self.y:.0f}'>{html.escape(line)}</text>")
        self.y += 8
        kind = "lost" if arrow.endswith("x") else "back" if arrow.startswith("--") else "there"
        tip = x[end] + (-2 if x[end] > x[start] else 2)
        way = -7 if x[end] > x[start] else 7
        self.parts.append(
            f"<line class='{kind}' x1='{x[start]:.0f}' y1='{self.y:.0f}' x2='{tip:.0f}' y2='{self.y:.0f}'/>"
        )
        if kind == "lost":
            self.parts.append(f"<path class='cross' d='M{tip + way - 5:.0f} {self.y - 5:.0f}l10 10m0 -10l-10 10'/>")
        else:
            self.parts.append(f"<path class='tip' d='M{tip:.0f} {self.y:.0f}l{way} -4v8z'/>")
        self.y += 10

    def _note(self, x: dict[str, float], over: str, text: str) -> None:
        self.words.append(text)
        places = [x[name.strip()] for name in over.split(",")]
        lines = textwrap.wrap(text, WIDTH + 6)
        half = max(max(map(len, lines)) * LETTER / 2 + 12, (max(places) - min(places)) / 2 + 20)
        middle = max(half + 8, min((max(places) + min(places)) / 2, max(x.values()) + 70 - half))
        height = len(lines) * LINE + 10
        self.parts.append(
            f"<rect class='note' x='{middle - half:.0f}' y='{self.y:.0f}' "
            f"width='{2 * half:.0f}' height='{height}' rx='3'/>"
        )
        for number, line in enumerate(lines):
            self.parts.append(
                f"<text class='label' x='{middle:.0f}' y='{self.y + 17 + number * LINE:.0f}'>{html.escape(line)}</text>"
            )
        self.y += height + 12

    def _case(self, x: dict[str, float], kind: str, text: str, depth: int) -> None:
        label = {"alt": "if", "opt": "if", "else": "else if"}[kind]
        self.words.append(f"{label} {text}:")
        inset = 6 * depth
        self.y += 10
        if kind == "else":
            self.parts.append(
                f"<line class='divide' x1='{inset}' y1='{self.y - 10:.0f}' x2='{max(x.values()) + 74 - inset:.0f}' "
                f"y2='{self.y - 10:.0f}'/>"
            )
        self.y += 6
        self.parts.append(f"<text class='case' x='{inset + 10}' y='{self.y:.0f}'>{label}: {html.escape(text)}</text>")
        self.y += 6
