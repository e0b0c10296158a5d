"""The lines of a file of grants.

The first line says what it is and is readable; each further one is an envelope as in a store, under a key of the same
keyring: a batch of grants, or the last line, which says how many there are. Each is bound to the first line, to its
place and to its kind. So a line that was changed, moved, left out or taken from another file does not open, and a file
without its end is not whole.
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import attrs

from astra._secret import Secret
from astra.errors import ConfigurationError, InvalidRequestError, UnreadableGrantError
from astra.tokens import envelope
from astra.tokens.grant import Grant
from astra.tokens.identity import LONGEST, Identity
from astra.tokens.stores.rows import FIELDS, read_row, values_of
from astra.tokens.user_keys import check_user_key

if TYPE_CHECKING:
    # It needs the extra `crypto`, and commands that need no key import this module, too.
    from astra.tokens.stores.keyring import Keyring

KIND: Final = "astra grants"
VERSION: Final = 1
LONGEST_HEADER: Final = 4096
LONGEST_LINE: Final = 64 * 1024 * 1024
"""Characters; a file of something else may have no line break at all."""
END: Final = b"end:"


@attrs.frozen(kw_only=True)
class Header:
    """The first line.

    Attributes:
        line: as it is written.
        written_at: when the file was begun, in seconds since the epoch.
    """

    line: bytes
    written_at: float

    def place(self, kind: str, number: int) -> bytes:
        """What a line is bound to.

        Args:
            kind: "batch" or "end".
            number: how many batches come before it.
        """
        return json.dumps([KIND, VERSION, hashlib.sha256(self.line).hexdigest(), kind, number]).encode()


def make_header(*, now: float) -> Header:
    """Makes the first line of a new file.

    Args:
        now: seconds since the epoch.
    """
    about = {
        "kind": KIND,
        "version": VERSION,
        "id": secrets.token_hex(16),
        "written_at": float(now),
        "fields": list(FIELDS),
    }
    return Header(line=json.dumps(about).encode() + b"\n", written_at=now)


def read_header(line: bytes) -> Header:
    """Reads a first line.

    Args:
        line: with its line break.

    Raises:
        InvalidRequestError: it is no file of grants.
        ConfigurationError: a newer release wrote it.
    """
    try:
        about = json.loads(line)
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or not line.endswith(b"\n"):
        raise refuse("is no file that astra tokens export wrote")
    about = cast("dict[str, object]", about)
    written_at = about.get("written_at")
    if about.get("kind") != KIND or not isinstance(written_at, float) or not math.isfinite(written_at):
        raise refuse("is no file that astra tokens export wrote")
    if about.get("version") != VERSION or about.get("fields") != list(FIELDS):
        raise ConfigurationError(
            f"The file was written by another release of this package: it has version {about.get('version')!r}, this "
            f"release reads {VERSION}. Import it with the release that wrote it. Nothing was changed."
        )
    return Header(line=line, written_at=float(written_at))


def write_batch(header: Header, number: int, grants: Sequence[Grant], keyring: Keyring) -> bytes:
    """Makes the line of a batch.

    Args:
        header: of the file.
        number: how many batches come before it.
        grants: the grants, decrypted.
        keyring: whose first key encrypts.
    """
    rows = Secret(json.dumps([[_place(grant), *values_of(grant)] for grant in grants]))
    return keyring.wrap(rows, bound_to=header.place("batch", number)).encode() + b"\n"


def write_end(header: Header, number: int, total: int, keyring: Keyring) -> bytes:
    """Makes the last line.

    Args:
        header: of the file.
        number: how many batches there are.
        total: how many grants.
        keyring: whose first key encrypts.
    """
    return END + keyring.wrap(json.dumps(total), bound_to=header.place("end", number)).encode() + b"\n"


def read_batches(file: BinaryIO, keyring: Keyring) -> Iterator[tuple[Header, list[Grant]]]:
    """Yields the batches of a file. Only when it is exhausted the file is known to be whole.

    Args:
        file: at its beginning.
        keyring: keys, of which one wrote it.

    Raises:
        InvalidRequestError: it is no such file, damaged, or not whole.
        ConfigurationError: none of the keys is the one; or another release wrote it.
    """
    header = read_header(file.readline(LONGEST_HEADER))
    number = total = 0
    while True:
        line = file.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise refuse(f"is not whole: it ends after {total} grants, without its last line")
        if line.startswith(END):
            if _open(line.removeprefix(END), header.place("end", number), keyring, number) != str(total):
                raise refuse(f"is damaged in line {number + 2}")
            if file.read(1):
                raise refuse("goes on after its last line")
            yield header, []
            return
        grants = _read_grants(_open(line, header.place("batch", number), keyring, number), number)
        total += len(grants)
        number += 1
        yield header, grants


def refuse(what: str) -> InvalidRequestError:
    """The error for a file that cannot be imported.

    Args:
        what: what is wrong with it, after "The file".
    """
    return InvalidRequestError(f"The file {what}. Nothing of it can be trusted.", argument="file")


def _open(line: bytes, bound_to: bytes, keyring: Keyring, number: int) -> Secret:
    stored = line[:-1].decode("ascii", "replace")
    key_id = envelope.key_id(stored)
    if key_id is not None and key_id not in keyring.ids:
        raise ConfigurationError(
            f"The file was encrypted with the key {key_id}, which is none of those given ({', '.join(keyring.ids)}): "
            "add it to ASTRA_TOKEN_KEYS, after the current one."
        )
    opened = keyring.unwrap(stored, bound_to=bound_to)
    if opened is None:
        raise refuse(f"is damaged in line {number + 2}, or lines were moved or left out before it")
    return opened


def _read_grants(text: Secret, number: int) -> list[Grant]:
    try:
        return [_read_grant(*row) for row in json.loads(text)]
    except (ValueError, TypeError, KeyError, UnreadableGrantError):
        pass
    raise refuse(f"has something else than grants in line {number + 2}")


def _place(grant: Grant) -> list[str]:
    return [grant.identity.environment, grant.identity.client_id, grant.key]


def _read_grant(place: list[object], *values: object) -> Grant:
    environment, client_id, key = place
    for name in (environment, client_id):
        if not isinstance(name, str) or len(name) > LONGEST:
            raise ValueError
    return read_row(Identity(str(environment), str(client_id)), check_user_key(key), values)
