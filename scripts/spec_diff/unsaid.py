"""Which differences of an import are silence: its document does not say what ours does, and may well mean the same."""

from __future__ import annotations

import re

from scripts.spec_diff.change import Change

_ABSENT = re.compile(
    r"api-removed-|api-schema-removed$|webhook-removed$|response-(non-)?success-status-removed$|.*-response-header-removed$"
    r"|response-header-became-optional$|.*-pattern-removed$|.*-unset$|.*-unique-items-removed$|.*-reactivated$"
    r"|.*-became-not-nullable$|.*-became-not-enum$|.*-became-optional$|request-body-became-optional$"
)
_DROPPED = ("-format-changed", "-default-value-changed", "-secret-changed", "-type-generalized")


def is_unsaid(change: Change) -> bool:
    """Whether a change from our spec to an imported one is only something that the import leaves out.

    Left out by many documents, and no evidence against ours: operations, schemas and events outside of the part that
    was imported; statuses, headers, limits, formats, lists of values; which fields may be null or are always there;
    and all fields of an object of which it shows none.
    """
    if change.unsaid or _ABSENT.match(change.rule):
        return True
    return change.rule.endswith(_DROPPED) and change.after in (None, False, "any")
