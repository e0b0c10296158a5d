"""Text of others on its way to a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """Returns one line of text in which "?" stands for each character that a terminal would obey."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)
