"""Which keys the rows of a store are encrypted with, and how they come under the first one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import attrs

from astra.errors import ConfigurationError, UnreadableGrantError
from astra.tokens.envelope import key_id, kind_of
from astra.tokens.grant import Grant
from astra.tokens.identity import Identity
from astra.tokens.stores.base import Batch, TokenStore
from astra.tokens.stores.keyring import Keyring

PASSES = 3
"""How often a rotation goes through the store, for the sake of those who still save under a former key meanwhile."""


@attrs.frozen(kw_only=True)
class KeyUsage:
    """How many grants of a store are encrypted with which key.

    Attributes:
        by_key: number of grants by key id.
        fernet: grants that release 0.1.0 encrypted; they do not say with which key.
        plain: grants that are not encrypted.
        unreadable: rows that are no grant.
    """

    by_key: Mapping[str, int] = attrs.field(factory=dict[str, int])
    fernet: int = 0
    plain: int = 0
    unreadable: int = 0

    @property
    def total(self) -> int:
        """Number of rows."""
        return sum(self.by_key.values()) + self.fernet + self.plain + self.unreadable


@attrs.frozen(kw_only=True)
class RotationReport:
    """What a rotation has done so far, or in the end.

    Attributes:
        encrypted: grants that were encrypted anew with the first key.
        current: grants that were found under it already.
        missed: grants that somebody saved at the same moment; they are looked at again.
        failed: grants that none of the keys opens, or that are damaged. They are as they were.
        reasons: for some of them, what was wrong.
    """

    encrypted: int = 0
    current: int = 0
    missed: int = 0
    failed: int = 0
    reasons: tuple[str, ...] = ()


def count_keys(store: TokenStore) -> KeyUsage:
    """Counts the grants of all identities by the key that they are encrypted with. No key is needed.

    Args:
        store: the store.

    Example:
        print(count_keys(open_store("sqlite:///tokens.db")).by_key)
    """
    counts: Counter[str | None] = Counter()
    plain = fernet = unreadable = 0
    for batch in _batches(store):
        unreadable += len(batch.unreadable)
        for grant in batch.grants:
            kinds = {kind_of(token) for token in (grant.access_token, grant.refresh_token)}
            if "plain" in kinds:
                plain += 1
            elif "fernet" in kinds:
                fernet += 1
            else:
                counts[key_id(grant.refresh_token)] += 1
    unreadable += counts.pop(None, 0)
    by_key = {name: count for name, count in counts.items() if name is not None}
    return KeyUsage(by_key=by_key, fernet=fernet, plain=plain, unreadable=unreadable)


def rotate_keys(
    store: TokenStore,
    keyring: Keyring,
    *,
    progress: Callable[[RotationReport], None] = lambda _: None,
    batch: int = 200,
) -> RotationReport:
    """Encrypts the grants of all identities with the first key. Safe while others work.

    One that is interrupted goes on where it was: what is under the first key already is left alone.

    Args:
        store: the store.
        keyring: its keys, the current one first.
        progress: called after each batch with what was done so far.
        batch: grants per transaction.

    Raises:
        ConfigurationError: the keys open not one of the grants; nothing was changed.
    """
    report = RotationReport()
    for _ in range(PASSES):
        report = attrs.evolve(report, current=0, missed=0, failed=0, reasons=())
        for found in _batches(store, limit=batch):
            report = _rotate(store, keyring, found, report)
            progress(report)
        if not report.missed:
            break
    if report.failed and not report.encrypted and not report.current:
        raise ConfigurationError(report.reasons[0])
    return report


def _rotate(store: TokenStore, keyring: Keyring, found: Batch, report: RotationReport) -> RotationReport:
    stale = [grant for grant in found.grants if not keyring.is_current(grant)]
    reasons = [str(error) for error in found.unreadable]
    saves: list[tuple[Grant, int | None]] = []
    for grant in stale:
        try:
            opened = keyring.open(grant)
        except (ConfigurationError, UnreadableGrantError) as error:
            reasons.append(str(error))
        else:
            saves.append((keyring.seal(attrs.evolve(opened, version=grant.version + 1)), grant.version))
    done = sum(store.save_many(saves)) if saves else 0
    return attrs.evolve(
        report,
        encrypted=report.encrypted + done,
        current=report.current + len(found.grants) - len(stale),
        missed=report.missed + len(saves) - done,
        failed=report.failed + len(reasons),
        reasons=(*report.reasons, *reasons)[:5],
    )


def _batches(store: TokenStore, *, limit: int = 500) -> Iterator[Batch]:
    for identity in store.identities():
        yield from _batches_of(store, identity, limit=limit)


def _batches_of(store: TokenStore, identity: Identity, *, limit: int) -> Iterator[Batch]:
    after: str | None = None
    while True:
        batch = store.scan(identity, after=after, limit=limit)
        yield batch
        after = batch.after
        if after is None:
            return
