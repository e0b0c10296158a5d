# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""Contains shared errors types that can be raised from API functions"""


class UnexpectedStatus(Exception):
    """Raised for an answer that is no success and has no documented error body, if Client.raise_on_unexpected_status is True"""

    def __init__(self, status_code: int, content: bytes):
        self.status_code = status_code
        self.content = content
        super().__init__(f"Unexpected status code: {status_code}, {len(content)} bytes of content")


class FieldDecodeError(ValueError):
    """One field of a model is missing, or holds a value that its type cannot represent; what came is in to_dict()"""

    def __init__(self, model: str, field: str, why: str):
        self.model = model
        self.field = field
        self.why = why
        super().__init__(f"{model}.{field} {why}")

    def __reduce__(self) -> tuple[type["FieldDecodeError"], tuple[str, str, str]]:
        return type(self), (self.model, self.field, self.why)


__all__ = ["FieldDecodeError", "UnexpectedStatus"]
