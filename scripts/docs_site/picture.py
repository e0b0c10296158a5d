"""Writes docs/images/payment-life.svg, the README's picture, from the diagram in the guide on payments.

    python -m scripts.docs_site.picture

Places that show a README do not all draw mermaid, and their pictures have no style sheet but their own.
"""

from __future__ import annotations

import re
from pathlib import Path

from scripts.docs_site.diagrams import Sequence

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guides" / "payments.md"
PICTURE = ROOT / "docs" / "images" / "payment-life.svg"
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2733; text-anchor: middle }
.name { font-weight: 600 } .case { text-anchor: start; font-style: italic; fill: #4a5464 }
.head, .note { fill: #f2f5f9; stroke: #9aa5b4 } .note { stroke: #d5dbe3 } .frame { fill: none; stroke: #9aa5b4 }
.life { stroke: #b4bdc9; stroke-dasharray: 3 4 } .there, .back, .lost { stroke: #1f2733; stroke-width: 1.4 }
.back, .lost { stroke-dasharray: 6 4 } .tip { fill: #1f2733 } .cross { stroke: #d04a3a; stroke-width: 2; fill: none }
.divide { stroke: #9aa5b4; stroke-dasharray: 2 4 } .label { paint-order: stroke; stroke: #fff; stroke-width: 4px }
.note + .label { stroke: none }
"""


def picture(guide: str) -> str:
    """Returns the first diagram of a guide as a picture of its own.

    Args:
        guide: the text of the guide.
    """
    (source, *_) = re.findall(r"```mermaid\nsequenceDiagram\n(.*?)```", guide, re.DOTALL)
    drawn = Sequence([line.strip() for line in source.splitlines() if line.strip()])
    svg = re.search(r"<svg (viewBox='0 0 (\d+) (\d+)').*?>(.*)</svg>", drawn.html(), re.DOTALL)
    assert svg is not None
    told = ". ".join(drawn.words).replace("&", "and").replace("<", "")
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' {svg[1]} width='{svg[2]}' height='{svg[3]}' role='img'>"
        f"<title>The life of a payment</title><desc>{told}</desc><style>{STYLE}</style>"
        f"<rect width='{svg[2]}' height='{svg[3]}' rx='6' fill='#fff'/>{svg[4]}</svg>\n"
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
