"""Diagrams say what their source says, and what cannot be drawn is refused."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from scripts.docs_site.diagrams import draw
from scripts.docs_site.picture import GUIDE, PICTURE, picture


def test_the_picture_of_the_readme_is_the_diagram_of_the_guide() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(GUIDE.read_text(encoding="utf-8")), "run: make docs"


def test_the_picture_can_be_heard() -> None:
    told = ElementTree.parse(PICTURE).getroot().findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert "Astra to You: webhook transfer_updated" in told


def test_all_steps_of_a_sequence_are_text_in_their_order() -> None:
    drawn = draw(
        "sequenceDiagram\nA->>B: asks <one>\nalt it is there\nB-->>A: gives\nelse it is gone\nB--xA: nothing\nend"
    )
    steps = ["A to B: asks &lt;one&gt;", "if it is there:", "B to A: gives", "else if it is gone:", "B to A: nothing"]
    assert "".join(f"<li>{step}</li>" for step in steps) in drawn
    ElementTree.fromstring(drawn.partition("\n")[0])


def test_a_state_diagram_becomes_a_list_of_transitions() -> None:
    drawn = draw("stateDiagram-v2\n[*] --> not_sent: asked\nnot_sent --> made: sent")
    assert drawn.count("<li>") == 2
    assert "<span class='state'>not sent</span><span class='why'>sent</span><span class='state'>made</span>" in drawn


@pytest.mark.parametrize("source", ["pie\n a: 1", "sequenceDiagram\nloop ten times", "stateDiagram-v2\nstate fork"])
def test_what_cannot_be_drawn_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="known"):
        draw(source)
