"""What a change means: oasdiff's law for the wire, and what becomes of code that uses the generated client.

The law: a change is known by what it does to the set of accepted payloads. Narrowing what a request may hold, or
widening what a response may hold, breaks clients; the other way round does not. Where neither is provable, warn.

The rule ids are oasdiff's where it has one. Two of its verdicts are stricter here, because our users read attributes
of generated classes: a response field or enum member that goes away takes an attribute with it (`python`).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

import attrs

Direction = Literal["request", "response", "none"]
Effect = Literal["narrows", "widens", "incomparable", "unknown", "none", "withdraws"]


class Severity(IntEnum):
    """How bad a change is."""

    INFO = 0
    WARNING = 1
    BREAKING = 2

    @property
    def word(self) -> str:
        """As printed."""
        return self.name.lower()


@attrs.frozen
class Rule:
    """One kind of change."""

    effect: Effect
    text: str
    python: Severity = Severity.INFO
    python_why: str = ""
    response: Severity | None = None  # oasdiff's own exception from its law, for responses
    request: Severity | None = None


GONE = (Severity.BREAKING, "the generated attribute goes away")
RETYPED = (Severity.BREAKING, "the generated attribute has another type")

SCHEMA_RULES: dict[str, Rule] = {
    "type-changed": Rule("incomparable", "type changed", *RETYPED),
    "type-generalized": Rule("widens", "type became wider", *RETYPED),
    "type-specialized": Rule("narrows", "type became narrower"),
    "format-changed": Rule("unknown", "format changed", *RETYPED),
    "became-nullable": Rule("widens", "may be null now"),
    "became-not-nullable": Rule("narrows", "may not be null any more"),
    "became-required": Rule("narrows", "is required now"),
    "became-optional": Rule("widens", "is optional now"),
    "became-enum": Rule("narrows", "is limited to listed values now"),
    "became-not-enum": Rule("widens", "is not limited to listed values any more", *RETYPED),
    "enum-value-added": Rule("widens", "value added", response=Severity.WARNING),
    "enum-value-removed": Rule("narrows", "value removed", Severity.BREAKING, "the generated enum member goes away"),
    "pattern-added": Rule("narrows", "must match a pattern now"),
    "pattern-removed": Rule("widens", "need not match a pattern any more"),
    "pattern-changed": Rule("unknown", "pattern changed"),
    "set": Rule("narrows", "has a limit now"),
    "unset": Rule("widens", "has lost a limit"),
    "tightened": Rule("narrows", "limit became tighter"),
    "loosened": Rule("widens", "limit became looser"),
    "unique-items-added": Rule("narrows", "items must be unique now"),
    "unique-items-removed": Rule("widens", "items need not be unique any more"),
    "default-value-changed": Rule("none", "default changed"),
    "any-of-added": Rule("widens", "alternative added", *RETYPED),
    "any-of-removed": Rule("narrows", "alternative removed", *RETYPED),
    "additional-properties-removed": Rule("narrows", "unknown fields are not allowed any more"),
    "additional-properties-added": Rule("widens", "unknown fields are allowed now", response=Severity.INFO),
    "deprecated": Rule("none", "is deprecated now"),
    "reactivated": Rule("none", "is not deprecated any more"),
    "secret-changed": Rule("none", "is treated as a secret, or not any more", Severity.WARNING, "masking changes"),
}

EXISTENCE_RULES: dict[str, Rule] = {
    "new-required-request-property": Rule("narrows", "required field added"),
    "new-optional-request-property": Rule("none", "optional field added"),
    "request-property-removed": Rule("unknown", "field removed", *GONE),
    "response-required-property-added": Rule("none", "field added"),
    "response-optional-property-added": Rule("none", "field added"),
    "response-required-property-removed": Rule("withdraws", "field removed", *GONE),
    "response-optional-property-removed": Rule("none", "field removed", *GONE),
    "new-required-request-parameter": Rule("narrows", "required parameter added"),
    "new-optional-request-parameter": Rule("none", "optional parameter added"),
    "request-parameter-removed": Rule("unknown", "parameter removed", Severity.BREAKING, "its argument goes away"),
    "request-parameter-became-required": Rule("narrows", "is required now"),
    "request-parameter-became-optional": Rule("widens", "is optional now"),
    "request-path-parameter-renamed": Rule(
        "none", "path parameter renamed", Severity.WARNING, "its argument is renamed"
    ),
    "request-body-added-required": Rule("narrows", "body added, required"),
    "request-body-added-optional": Rule("none", "body added, optional"),
    "request-body-removed": Rule("withdraws", "body removed", Severity.BREAKING, "its argument goes away"),
    "request-body-became-required": Rule("narrows", "body is required now"),
    "request-body-became-optional": Rule("widens", "body is optional now"),
    "request-body-media-type-added": Rule("widens", "content type added"),
    "request-body-media-type-removed": Rule("narrows", "content type removed"),
    "response-media-type-added": Rule("none", "content type added"),
    "response-media-type-removed": Rule("withdraws", "content type removed"),
    "request-body-media-type-changed": Rule("unknown", "content type renamed within the JSON family"),
    "response-media-type-changed": Rule("unknown", "content type renamed within the JSON family"),
    "response-success-status-added": Rule("none", "success status added"),
    "response-success-status-removed": Rule("withdraws", "success status removed"),
    "response-non-success-status-added": Rule("none", "error status added"),
    "response-non-success-status-removed": Rule("none", "error status removed"),
    "required-response-header-removed": Rule("withdraws", "header removed"),
    "optional-response-header-removed": Rule("none", "header removed", Severity.WARNING, "code may read it"),
    "response-header-became-optional": Rule("widens", "header is optional now"),
    "response-header-type-changed": Rule("incomparable", "header's type changed"),
    "request-parameter-deprecated": Rule("none", "is deprecated now"),
    "request-parameter-reactivated": Rule("none", "is not deprecated any more"),
    "api-security-component-type-changed": Rule("incomparable", "a credential is of another type now"),
    "api-schema-removed": Rule("none", "schema removed", Severity.BREAKING, "the generated class goes away"),
    "response-header-added": Rule("none", "header added"),
    "endpoint-added": Rule("none", "operation added"),
    "endpoint-added-that-writes": Rule(
        "none",
        "operation added. Does it move money?",
        Severity.WARNING,
        "a lost answer of a payment is no plain failure",
    ),
    "api-removed-without-deprecation": Rule("withdraws", "operation removed", *GONE),
    "api-removed-with-deprecation": Rule("withdraws", "deprecated operation removed", *GONE),
    "api-path-changed": Rule("withdraws", "operation moved to another method or path"),
    "api-operation-id-removed": Rule("none", "operation renamed", Severity.BREAKING, "its generated module is renamed"),
    "api-tag-changed": Rule("none", "tag changed", Severity.BREAKING, "its generated module moves to another package"),
    "endpoint-deprecated": Rule("none", "operation is deprecated now"),
    "endpoint-reactivated": Rule("none", "operation is not deprecated any more"),
    "api-security-added": Rule("widens", "another credential is accepted"),
    "api-security-removed": Rule("narrows", "a credential is not accepted any more"),
    "api-host-changed": Rule("withdraws", "operation moved to another host"),
    "api-money-changed": Rule("none", "mark of moving money changed", Severity.WARNING, "retry rules depend on it"),
    "webhook-added": Rule("none", "event added"),
    "webhook-removed": Rule("withdraws", "event removed"),
}


def on_the_wire(rule: Rule, direction: Direction, *, silent: bool = False) -> Severity:
    """Applies the law.

    Args:
        rule: the kind of change.
        direction: whether a request or a response changed.
        silent: the property never travels this way (readOnly in a request, writeOnly in a response).
    """
    if silent:
        return Severity.INFO
    stored = rule.response if direction == "response" else rule.request
    if stored is not None:
        return stored
    if rule.effect in ("incomparable", "withdraws"):
        return Severity.BREAKING
    if rule.effect == "unknown":
        return Severity.WARNING
    breaks = {"request": "narrows", "response": "widens", "none": "narrows"}[direction]
    return Severity.BREAKING if rule.effect == breaks else Severity.INFO
