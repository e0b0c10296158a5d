"""What may be shown of an address: of a store, of a proxy, of a redirect. Decisions only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urlsplit

FILES: Final = ("sqlite", "jsonl")
HIDDEN_URL: Final = "(not a URL)"
LONGEST_ID: Final = 16
TELLTALE: Final = ("pass", "secret", "token")
"""What the names of options have in them whose values are secret."""

WITH_ROLES: Final = ("postgresql", "postgres", "postgresql+psycopg", "mysql")
"""Where a lone name before the host is that of a role. Elsewhere it often is a password in the wrong place."""


def shown_url(url: str) -> str:
    """Returns the URL of a store without user, password and the values of options.

    Args:
        url: as it is set.
    """
    scheme, separator, rest = url.strip().partition("://")
    if not separator:
        return HIDDEN_URL
    head, mark, _ = rest.partition("?")
    if scheme in FILES:
        return f"{scheme}://{head}{mark and '?...'}"
    # Where a password has one of these characters, nobody can tell where it ends.
    before, _, after = rest.rpartition("@")
    if any(sign in before for sign in "/?#@"):
        return f"{scheme}://..."
    head, mark, _ = after.partition("?")
    return f"{scheme}://{head}{mark and '?...'}"


def secrets_in(url: str) -> Iterator[str]:
    """Yields what may be secret in a URL: password, and the values of some options, as written and decoded.

    Args:
        url: as it is set.
    """
    scheme, _, rest = url.strip().partition("://")
    user, colon, password = rest.rpartition("@")[0].partition(":")
    yield from _both(password)
    if not colon and scheme not in WITH_ROLES:
        yield from _both(user)
    for part in rest.partition("?")[2].split("&"):
        name, _, value = part.partition("=")
        if any(word in name.lower() for word in TELLTALE):
            yield from _both(value)


def _both(text: str) -> Iterator[str]:
    yield text
    yield unquote(text)


def shown_redirect(uri: str) -> str:
    """Returns a redirect URI without the values of its query.

    Args:
        uri: as it is set, and taken by the client.
    """
    return uri.partition("?")[0] + ("?..." if "?" in uri else "")


def shown_origin(url: str) -> str:
    """Returns scheme, host and port of a proxy, or "" when they cannot be told.

    Args:
        url: its address.
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""


def shown_id(text: str) -> str:
    """Returns an id, shortened so that a secret in its place would not be shown whole.

    Args:
        text: the id.
    """
    return text if len(text) <= LONGEST_ID else f"{text[:6]}...{text[-4:]}"
