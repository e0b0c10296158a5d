"""From a file to a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

from astra.errors import ConfigurationError, TokenStoreError, UnreadableGrantError
from astra.tokens.grant import Grant
from astra.tokens.identity import Identity
from astra.tokens.stores.base import TokenStore
from astra.tokens.transfer.lines import read_batches
from astra.tokens.transfer.merging import Contents, ImportReport, Merge, decide, following

if TYPE_CHECKING:
    # It needs the extra `crypto`, and commands that need no key import this module, too.
    from astra.tokens.stores.keyring import Keyring

ATTEMPTS: Final = 5
"""How often a grant is tried that somebody else changes at the same moment."""


def check_file(file: BinaryIO, keyring: Keyring) -> Contents:
    """Reads a file to its end, and says what is in it. Afterwards it is at its beginning again.

    Args:
        file: one that can be read twice.
        keyring: keys, of which one wrote it.

    Raises:
        InvalidRequestError: it is no such file, damaged, or not whole.
        ConfigurationError: none of the keys is the one.
    """
    identities: Counter[Identity] = Counter()
    written_at = 0.0
    for header, grants in read_batches(file, keyring):
        written_at = header.written_at
        identities.update(grant.identity for grant in grants)
    file.seek(0)
    return Contents(written_at=written_at, identities=identities)


def check_target(store: TokenStore, keyring: Keyring, identities: Iterable[Identity]) -> None:
    """Refuses a store whose own grants these keys do not open: those who use it could not read what is imported.

    Args:
        store: the store.
        keyring: the keys.
        identities: whose grants are looked at.

    Raises:
        ConfigurationError: there are grants, and none opens.
    """
    locked: ConfigurationError | None = None
    for identity in identities:
        for grant in store.scan(identity).grants:
            try:
                keyring.open(grant)
            except UnreadableGrantError:
                continue
            except ConfigurationError as error:
                locked = locked or error
                continue
            return
    if locked is not None:
        raise locked


def import_grants(
    store: TokenStore,
    keyring: Keyring,
    file: BinaryIO,
    *,
    only: frozenset[Identity] | None,
    progress: Callable[[ImportReport], None] = lambda _: None,
) -> ImportReport:
    """Puts the grants of a file into a store, encrypted with the first key. Safe while others work.

    One that was interrupted is simply begun again: what is in the store by then is found there.

    Args:
        store: the store.
        keyring: keys of the file and of the store.
        file: at its beginning, and known to be whole.
        only: leave out grants of other identities than these, or None for all.
        progress: called after each batch with what was done so far.

    Raises:
        InvalidRequestError: the file is not what it was when it was checked.
        TokenStoreError: the store failed; what is in it by then stays.
    """
    report = ImportReport()
    for _, grants in read_batches(file, keyring):
        wanted = [grant for grant in grants if only is None or grant.identity in only]
        report = report.plus({"left_out": len(grants) - len(wanted)})
        for identity in dict.fromkeys(grant.identity for grant in wanted):
            mine = [grant for grant in wanted if grant.identity == identity]
            report = _import(store, keyring, mine, report)
        progress(report)
    return report


def _import(store: TokenStore, keyring: Keyring, grants: Sequence[Grant], report: ImportReport) -> ImportReport:
    """Imports some grants of one identity: the new ones at once, the others one by one."""
    try:
        added = store.save_many([(keyring.seal(grant), None) for grant in grants])
    except TokenStoreError:
        # Another import, or a person who authorizes, may have added one of them at the same moment.
        added = [False] * len(grants)
    counts: Counter[str] = Counter()
    reasons: list[str] = []
    for grant, is_added in zip(grants, added, strict=True):
        try:
            merge = Merge.ADD if is_added else _merge(store, keyring, grant)
        except UnreadableGrantError as error:
            merge = None
            reasons.append(str(error))
        else:
            if merge is None:
                reasons.append(f"The grant of {grant.key!r} keeps changing.")
            elif merge is Merge.OTHER_PERSON:
                reasons.append(f"The key {grant.key!r} belongs to another Astra user in the store ({grant.identity}).")
        counts[merge.value if merge is not None else "failed"] += 1
        if merge is Merge.ADD and not grant.identity.is_bound:
            counts["nobodys"] += 1
    return report.plus(counts, reasons=tuple(reasons))


def _merge(store: TokenStore, keyring: Keyring, grant: Grant) -> Merge | None:
    for _ in range(ATTEMPTS):
        stored = store.load(grant.identity, grant.key)
        merge = decide(grant, stored=stored)
        if merge not in (Merge.ADD, Merge.REPLACE):
            return merge
        fresh = grant if stored is None else following(grant, stored=stored)
        if store.save(keyring.seal(fresh), replaces=None if stored is None else stored.version):
            return merge
    return None
