"""Who may see pages that are for one person on this machine. Decisions only.

Whoever can reach a port of this machine through a browser is a stranger: another user of the machine, a page of another
origin, a name that was pointed here (DNS rebinding). So a request has to come by a name of this machine, and to show
the token of the printed URL, or the cookie that was given for it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs

ASSETS: Final = "/assets/"
METHODS: Final = ("GET", "HEAD")
NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine that no name server decides on."""


@attrs.frozen(kw_only=True)
class Answer:
    """What the door says in place of a page.

    Attributes:
        status: the status.
        title: in few words.
        text: one sentence that says what to do.
        location: where to go instead, for a redirect.
        cookie: whether the visitor gets the cookie.
    """

    status: int
    title: str = ""
    text: str = ""
    location: str | None = None
    cookie: bool = False


@attrs.frozen(kw_only=True)
class Door:
    """The rules of one server.

    Attributes:
        token: what the printed URL shows.
        session: what the cookie shows.
        cookie: name of the cookie. Cookies of one host name are those of all its ports.
        command: what printed the URL, for people.
    """

    token: str = attrs.field(repr=False)
    session: str = attrs.field(repr=False)
    cookie: str
    command: str

    def answer(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> Answer | None:
        """Returns what is said in place of a page, or None for whoever may see it.

        Args:
            method: of the request.
            path: its path.
            query: its query string.
            headers: its headers, by lower-case name.
        """
        if not is_here(headers.get("host", "")):
            return Answer(
                status=403,
                title="Not by this name",
                text=f"These pages are for this machine only: open the URL that {self.command} printed.",
            )
        if method not in METHODS:
            return Answer(status=405, title="Read-only", text="These pages only show: nothing can be sent to them.")
        if path.startswith(ASSETS):
            return None
        fields = parse_qsl(query, keep_blank_values=True)
        shown = [value for name, value in fields if name == "token"]
        if any(_same(value, self.token) for value in shown):
            # The token leaves the address bar, and so the history and every link that is copied from it.
            kept = urlencode([field for field in fields if field[0] != "token"])
            return Answer(status=303, location=f"/{path.lstrip('/')}" + (f"?{kept}" if kept else ""), cookie=True)
        if not shown and _same(cookie_of(headers.get("cookie", ""), self.cookie), self.session):
            return None
        return Answer(
            status=401,
            title="This needs the printed URL",
            text=f"Open the whole URL that {self.command} printed, with its token. It is a new one each time the "
            "command starts. If you came by a link, load the page again.",
        )


def is_here(host: str) -> bool:
    """Whether a `Host` header names this machine, at whatever port: one may be forwarded by SSH.

    Args:
        host: the header.
    """
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return False
    return "@" not in host and parts.hostname in NAMES


def cookie_of(header: str, name: str) -> str:
    """Returns a cookie, or an empty text when there is none.

    Args:
        header: `Cookie`, as it came.
        name: of the cookie.
    """
    # Whatever other servers of this host name have set stands beside it, and need not be well-formed.
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return next((value for found, _, value in pairs if found == name), "")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
