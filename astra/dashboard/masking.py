"""What may be shown of what stores hold. Decisions only.

Ids are what a person on call needs, and opaque ids say nothing about anybody. But keys and references are chosen by the
programs that use the SDK, and an e-mail address makes a unique key, too; and an error's text may echo what was sent. So
what is chosen by others is shown only if it looks like an id, and of texts only those that the SDK itself wrote.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

import attrs

from astra.http.personal_data import Kind, replace_personal
from astra.instrumentation.record import RequestRecord
from astra.payments.record import HistoryEntry, PaymentRecord
from astra.payments.transitions import FAILED_LOOK, MADE_TWICE, NOT_DONE, NOT_THERE

HIDDEN: Final = "hidden-"
"""What a name begins with that stands for one that is not shown."""

LONGEST: Final = 80

_ID: Final = re.compile(r"[A-Za-z0-9._:/~+=-]+")
_CREDENTIALS: Final = ("eyJ", "gAAAA", "astra1:", "Bearer", "Basic", "sk_", "rk_")
_DAY: Final = re.compile(r"(?<!\d)(?:19|20)\d\d([-/.])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)")
_KINDS: Final[dict[Kind, str]] = dict.fromkeys(
    ("credential", "email", "account", "card", "ssn", "phone", "number"), "\0"
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_PATH: Final = re.compile(r"/[A-Za-z0-9_/{}.-]{0,254}")
_HOLDER: Final = re.compile(r"[A-Za-z0-9._-]{1,80}(?::[A-Za-z0-9]{1,20}){0,3}")
AMOUNT: Final = re.compile(r"\d{1,12}(?:\.\d{1,4})?")
_LEASE: Final = "has not said what became of it within its lease"
_OWN_TEXTS: Final = frozenset({NOT_THERE, NOT_DONE, "not made, says a person", ""})
ELSEWHERE: Final = "its text is not shown here"


@attrs.frozen(kw_only=True)
class Masks:
    """What one dashboard shows.

    Attributes:
        salt: random bytes: what is hidden cannot be found by trying.
        hides_keys: hide all keys of users and payments, and all references, whatever they look like.
    """

    salt: bytes = attrs.field(repr=False)
    hides_keys: bool = False

    def key(self, text: str | None) -> str | None:
        """A key or a reference that a program has chosen: as it is, or a name that stands for it.

        Args:
            text: the key.
        """
        if text is None:
            return None
        return self._stand_in(text) if self.hides_keys or not looks_like_an_id(text) else text

    def id(self, text: str | None) -> str | None:
        """An id that Astra or the SDK has made. What comes over the wire need not be one.

        Args:
            text: the id.
        """
        return text if text is None or looks_like_an_id(text) else self._stand_in(text)

    def payment(self, record: PaymentRecord) -> PaymentRecord:
        """What may be shown of a payment. States, times and links between things stay.

        Args:
            record: as it is stored.
        """
        fields = record.match_fields
        amount = {name: fields[name] for name in ("amount",) if AMOUNT.fullmatch(fields.get(name, ""))}
        return attrs.evolve(
            record,
            operation=word(record.operation),
            key=self.key(record.key) or "",
            user_key=self.key(record.user_key),
            fingerprint="",
            match_fields=amount,
            client_correlation_id=self.key(record.client_correlation_id),
            resource_id=self.id(record.resource_id),
            transfer_id=self.id(record.transfer_id),
            holder=record.holder if _HOLDER.fullmatch(record.holder) else "a process",
            call_id=self.id(record.call_id),
            request_ids=tuple(self.id(one) or "" for one in record.request_ids),
            result=None,
            error=None if record.error is None else word(record.error),
            error_detail=None,
            history=tuple(self._entry(entry) for entry in record.history),
        )

    def request(self, record: RequestRecord) -> RequestRecord:
        """What may be shown of an attempt.

        Args:
            record: as it is stored.
        """
        return attrs.evolve(
            record,
            call_id=self.id(record.call_id) or "",
            request_id=self.id(record.request_id),
            operation=word(record.operation),
            method=word(record.method),
            path=record.path if _PATH.fullmatch(record.path) else "a path",
            user_key=self.key(record.user_key),
            error_name=None if record.error_name is None else word(record.error_name),
            resource_id=self.id(record.resource_id),
            client_correlation_id=self.key(record.client_correlation_id),
        )

    def _entry(self, entry: HistoryEntry) -> HistoryEntry:
        by = entry.by
        if by is not None:
            by = "a person" if entry.event == "resolved" else by if _HOLDER.fullmatch(by) else "a process"
        return attrs.evolve(
            entry,
            event=word(entry.event),
            detail=self._detail(entry.detail),
            by=by,
            call_id=self.id(entry.call_id),
            request_id=self.id(entry.request_id),
        )

    def _detail(self, text: str) -> str:
        """A line of a history, as far as the SDK wrote it: what follows the name of an error may echo what was sent."""
        if text in _OWN_TEXTS:
            return text
        if text.startswith(MADE_TWICE):
            return f"{MADE_TWICE}{self.id(text.removeprefix(MADE_TWICE))}"
        if text.startswith(FAILED_LOOK):
            rest = text.removeprefix(FAILED_LOOK).lstrip(": ")
            return f"{FAILED_LOOK}: {word(rest)}" if rest else FAILED_LOOK
        if text.endswith(_LEASE):
            return f"its sender {_LEASE}"
        name, colon, _ = text.partition(":")
        return f"{name} ({ELSEWHERE})" if colon and _NAME.fullmatch(name) else ELSEWHERE

    def _stand_in(self, text: str) -> str:
        raw = text.encode("utf-8", "surrogatepass")
        return HIDDEN + hashlib.blake2b(raw, key=self.salt, digest_size=5).hexdigest()


def looks_like_an_id(text: str) -> bool:
    """Whether a text says nothing about a person, and is no credential, as far as its form tells.

    Args:
        text: a key, a reference or an id.
    """
    if len(text) > LONGEST or not _ID.fullmatch(text) or text.startswith(_CREDENTIALS) or _DAY.search(text):
        return False
    return replace_personal(text, _KINDS) == text


def word(text: str) -> str:
    """A name out of a list, such as that of an operation or of an error, or that it is none.

    Args:
        text: the name.
    """
    return text if _NAME.fullmatch(text) else "another"
