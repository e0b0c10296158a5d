# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""Contains shared errors types that can be raised from API functions"""


class UnexpectedStatus(Exception):
    """Raised for an answer that is no success and has no documented error body, if Client.raise_on_unexpected_status is True"""

    def __init__(self, status_code: int, content: bytes):
        self.status_code = status_code
        self.content = content
        super().__init__(f"Unexpected status code: {status_code}, {len(content)} bytes of content")


class FieldDecodeError(ValueError):
    """One field of a model holds a value that its type cannot represent; the raw value is in to_dict()"""

    def __init__(self, model: str, field: str, raw: object):
        self.model = model
        self.field = field
        super().__init__(
            f"{model}.{field} cannot be read from a value of type {type(raw).__name__}"
        )


__all__ = ["FieldDecodeError", "UnexpectedStatus"]
