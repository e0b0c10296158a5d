"""From a store to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from astra.errors import ConfigurationError, UnreadableGrantError
from astra.tokens.grant import Grant
from astra.tokens.identity import Identity
from astra.tokens.stores.base import Batch, TokenStore
from astra.tokens.transfer.lines import make_header, write_batch, write_end
from astra.tokens.transfer.merging import SHOWN

if TYPE_CHECKING:
    # It needs the extra `crypto`, and commands that need no key import this module, too.
    from astra.tokens.stores.keyring import Keyring

BATCH = 200


@attrs.frozen(kw_only=True)
class ExportReport:
    """What an export has done so far, or in the end.

    Attributes:
        exported: grants in the file.
        failed: grants that are not in the file: none of the keys opens them, or they are damaged.
        reasons: for some of them, what was wrong.
    """

    exported: int = 0
    failed: int = 0
    reasons: tuple[str, ...] = ()


def batches_of(store: TokenStore, identities: Iterable[Identity], *, limit: int = BATCH) -> Iterator[Batch]:
    """Yields the rows of some identities as they are stored, in memory that does not grow.

    Args:
        store: the store.
        identities: whose.
        limit: grants per batch.

    Raises:
        TokenStoreError: the store failed.
    """
    for identity in identities:
        after: str | None = None
        while True:
            batch = store.scan(identity, after=after, limit=limit)
            yield batch
            after = batch.after
            if after is None:
                break


def export_grants(
    batches: Iterable[Batch],
    keyring: Keyring,
    write: Callable[[bytes], object],
    *,
    now: float,
    progress: Callable[[ExportReport], None] = lambda _: None,
) -> ExportReport:
    """Writes a file, encrypted with the first key.

    Args:
        batches: rows as they are stored.
        keyring: keys of the store and of the file.
        write: takes the next bytes of the file.
        now: seconds since the epoch.
        progress: called after each batch with what was done so far.

    Raises:
        ConfigurationError: there are grants, and the keys open not one of them.
    """
    report, locked, number = ExportReport(), None, 0
    header = make_header(now=now)
    write(header.line)
    for batch in batches:
        opened, reasons, error = _open(batch.grants, keyring)
        locked = locked or error
        reasons = [*(str(lost) for lost in batch.unreadable), *reasons]
        if opened:
            write(write_batch(header, number, opened, keyring))
            number += 1
        report = ExportReport(
            exported=report.exported + len(opened),
            failed=report.failed + len(reasons),
            reasons=(*report.reasons, *reasons)[:SHOWN],
        )
        progress(report)
    if locked is not None and not report.exported:
        raise locked
    write(write_end(header, number, report.exported, keyring))
    return report


def _open(grants: Sequence[Grant], keyring: Keyring) -> tuple[list[Grant], list[str], ConfigurationError | None]:
    opened: list[Grant] = []
    reasons: list[str] = []
    locked: ConfigurationError | None = None
    for grant in grants:
        try:
            opened.append(keyring.open(grant))
        except UnreadableGrantError as error:
            reasons.append(str(error))
        except ConfigurationError as error:
            locked = error
            reasons.append(str(error))
    return opened, reasons, locked
