"""What the checks of one run share: the client, a user and the user's tokens, and every exchange so far."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import attrs
from astra_api.operations import OPERATIONS

from astra._json import is_array, is_object
from astra._names import names_of_the_spec
from astra.conformance.outcome import Busy, CannotTell, NoAnswer, ServerGone
from astra.conformance.receiver import Hook, Receiver
from astra.conformance.target import Means, Target
from astra.conformance.wire import Exchange, send

TOKEN: Final = "/v1/oauth/token"
DAY: Final = 24 * 3600.0
TRIES_AT_ONCE: Final = 0.05
MOST_UNANSWERED: Final = 3
TOO_MANY: Final = 429
BUSY: Final = (502, 503, 504)
TRIES_WHEN_BUSY: Final = 3
MOST_DIGITS: Final = 9
LONGEST_PAUSE: Final = 30.0
PATIENCE: Final = 2 * LONGEST_PAUSE
LONGEST_MARGIN: Final = 120.0
LONGEST_LIFETIME: Final = 10 * 365 * DAY
USUAL_LIFETIME: Final = 7200.0


@attrs.define
class Tokens:
    """A user's tokens, and when they were issued by the clock of the run."""

    access: str = attrs.field(repr=False)
    refresh: str = attrs.field(repr=False)
    lifetime: float
    issued: float


@attrs.frozen(kw_only=True)
class Onboarding:
    """How a person became a user: each step, for the checks to look at."""

    state: str
    intent: str
    answer: dict[str, list[str]] = attrs.field(repr=False)
    elsewhere: Exchange
    exchanged: Exchange
    again: Exchange

    @property
    def issued(self) -> Exchange:
        """The exchange that gave tokens, if one did."""
        return self.elsewhere if self.elsewhere.status == 200 else self.exchanged


class World:
    """One run against one server.

    Args:
        target: the server.
        means: what can be done beside calling it.
        clock: tells seconds, and never goes back.
        pause: waits so many seconds.
    """

    def __init__(
        self,
        target: Target,
        means: Means,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self.pause = clock, pause
        self._advanced = 0.0
        self.target = target
        self.means = means
        self.exchanges: list[Exchange] = []
        sent = self.basic(target.client_id, target.client_secret).removeprefix("Basic ")
        self.secrets: set[str] = {target.client_secret, target.refresh_token or "", target.code or ""} - {""}
        self.secrets |= {sent, sent.rstrip("=")}
        self.unanswered = 0
        self._waited = 0.0
        self.receiver: Receiver | None = None
        self.payment: Exchange | None = None
        self._tokens: Tokens | None = None
        self._onboarding: Onboarding | None = None
        self._no_user: str | None = None

    @property
    def elapsed(self) -> float:
        """Seconds that have gone by for the server: those of this machine, and those by which its clock was moved."""
        return self._clock() + self._advanced

    # Calling

    def call(
        self,
        method: str,
        path: str,
        *,
        auth: str | None = "bearer",
        id: str = "",
        query: Mapping[str, object] | None = None,
        json_body: object = None,
        raw: bytes | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Sends a request.

        Args:
            method: the HTTP method.
            path: as the documents write it, with `{id}` for `id`.
            auth: "bearer" for the user's token, "basic" for the client's credentials, another text as it is, None for
                no header.
            id: the id in the path.
            query: the query.
            json_body: a body to send as JSON.
            raw: a body to send as it is, said to be JSON.
            form: a body to send as a form.
            headers: more headers.

        Raises:
            CannotTell: there was no answer.
            Busy: it was answered, again and again, that it cannot be served now.
            ServerGone: nor was there one to the calls before.
        """
        given = {"Accept": "application/json", **(headers or {})}
        if auth == "bearer":
            auth = f"Bearer {self.tokens().access}"
        elif auth == "basic":
            auth = self.basic(self.target.client_id, self.target.client_secret)
        if auth is not None:
            given["Authorization"] = auth
        body, operation = raw, operation_at(method, path)
        if operation and (names := names_of_the_spec()) is not None:
            json_body, query = names.sent(operation, json_body), names.asked(operation, query or {})
        if json_body is not None:
            body = json.dumps(json_body).encode()
        if body is not None:
            given["Content-Type"] = "application/json"
        if form is not None:
            body, given["Content-Type"] = urlencode(form).encode(), "application/x-www-form-urlencoded"
        url = self.target.base + path.replace("{id}", quote(id, safe=""))
        if query:
            url += "?" + urlencode({name: str(value) for name, value in query.items()})
        # What was refused for its number was not done. What failed behind a proxy may have been.
        again = (TOO_MANY, *BUSY) if method == "GET" else (TOO_MANY,)
        exchange = self._send(url, method, path=path, headers=given, body=body)
        for tries in range(1, TRIES_WHEN_BUSY):
            if exchange.status not in again:
                break
            pause = pause_of(exchange, tries=tries)
            if self._waited + pause > PATIENCE:
                break
            self._waited += pause
            self.pause(pause)
            exchange = self._send(url, method, path=path, headers=given, body=body)
        if exchange.status in (TOO_MANY, *BUSY):
            raise Busy(exchange)
        self._waited = 0.0
        return exchange

    def _send(self, url: str, method: str, *, path: str, headers: Mapping[str, str], body: bytes | None) -> Exchange:
        try:
            exchange = send(url, method, path=path, headers=headers, body=body, timeout=self.target.timeout)
            exchange = attrs.evolve(exchange, operation=operation_at(method, path))
        except NoAnswer as error:
            self.unanswered += 1
            if self.unanswered >= MOST_UNANSWERED:
                raise ServerGone(f"{self.unanswered} calls in a row got no answer: {error}") from None
            raise
        self.unanswered = 0
        exchange = self._without_secrets(exchange)
        self.exchanges.append(exchange)
        return exchange

    def _without_secrets(self, exchange: Exchange) -> Exchange:
        """Takes a request id away that holds a secret: it is shown wherever an answer is named."""
        given = exchange.headers.get("request-id", "")
        if not any(secret and secret in given for secret in self.secrets):
            return exchange
        return attrs.evolve(exchange, headers={**exchange.headers, "request-id": ""})

    @staticmethod
    def basic(client_id: str, client_secret: str) -> str:
        """Returns the header of a client."""
        return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()

    # Tokens

    def token(self, *, auth: str | None = "basic", **form: str) -> Exchange:
        """Calls the token endpoint; what it issues is never shown."""
        exchange = self.call("POST", TOKEN, auth=auth, form=form)
        for name in ("access_token", "refresh_token"):
            self.secrets.update(filter(None, [as_text(exchange, name)]))
        self.exchanges[-1] = self._without_secrets(exchange)
        return self.exchanges[-1]

    def refreshed(self, refresh_token: str) -> Exchange:
        """Refreshes, and keeps the new tokens as the user's."""
        exchange = self.token(grant_type="refresh_token", refresh_token=refresh_token)
        self.keep(exchange)
        return exchange

    def keep(self, exchange: Exchange) -> None:
        """Keeps the tokens of an answer, if it has both."""
        access, refresh = as_text(exchange, "access_token"), as_text(exchange, "refresh_token")
        if exchange.status == 200 and access and refresh:
            lifetime: object = exchange.object().get("expires_in")
            seconds = USUAL_LIFETIME
            if isinstance(lifetime, int | float) and lifetime is not True and 0 < lifetime <= LONGEST_LIFETIME:
                seconds = float(lifetime)
            self._tokens = Tokens(access, refresh, seconds, self.elapsed)

    def tokens(self) -> Tokens:
        """Returns tokens of a user that live.

        Raises:
            CannotTell: there is no user.
        """
        if self._tokens is None and self.target.refresh_token:
            self.refreshed(self.target.refresh_token)
        if self._tokens is None:
            self.onboarding()
        tokens = self._tokens
        if tokens is not None and self.elapsed - tokens.issued > tokens.lifetime - margin(tokens.lifetime):
            self.refreshed(tokens.refresh)
            tokens = self._tokens
        if tokens is None:
            raise CannotTell("there is no user: no tokens were issued")
        return tokens

    def forget(self) -> None:
        """Lets the next call that needs a user begin with an authorization."""
        self._tokens = self._onboarding = None

    # People

    def person(self, **changes: object) -> dict[str, object]:
        """Returns what a new user intent says about a person who does not exist."""
        digits = "".join(secrets.choice("23456789") for _ in range(6))
        return {
            "email": f"conformance-{secrets.token_hex(6)}@example.com",
            "phone": f"+15552{digits}",
            "first_name": "Edmund",
            "last_name": "Hillary",
            "address1": "123 Astra Ave",
            "address2": "",
            "city": "Palo Alto",
            "state": "CA",
            "postal_code": "94304",
            "date_of_birth": "1919-07-20",
            "ssn": "9999",
            "ip_address": "203.0.113.7",
            **changes,
        }

    def intent(self, **changes: object) -> Exchange:
        """Creates a user intent."""
        return self.call("POST", "/v1/user_intent", auth="basic", json_body=self.person(**changes))

    def link(self, **parameters: str) -> str:
        """Returns a link to the hosted module."""
        given = {
            "client_id": self.target.client_id,
            "redirect_uri": self.target.redirect_uri,
            "response_type": "code",
            **parameters,
        }
        return f"{self.target.app}/login/oauth/authorize?{urlencode(given)}"

    def authorized(self, *, state: str) -> tuple[str, dict[str, list[str]]]:
        """Lets a person authorize; returns the intent and what came back to the redirect URI.

        Raises:
            CannotTell: nobody can, or the way did not end at the redirect URI.
        """
        if self.means.authorize is None:
            raise CannotTell("nobody is there to authorize")
        phone = {"phone": self.target.phone} if self.target.phone else {}
        created = self.intent(metadata={"conformance": "yes"}, **phone)
        intent = as_text(created, "id")
        if intent is None:
            raise CannotTell(f"no user intent was made: {created.name}")
        where = self.means.authorize(self.link(user_intent_id=intent, state=state))
        answer = parse_qs(urlsplit(where).query)
        for name in ("code", "authorization_code"):
            self.secrets.update(answer.get(name, []))
        return intent, answer

    def code(self) -> str:
        """Returns a fresh authorization code.

        Raises:
            CannotTell: there was none.
        """
        return code_of(self.authorized(state=secrets.token_hex(8))[1])

    def onboarding(self) -> Onboarding:
        """Makes the user of this run, once.

        Raises:
            CannotTell: it did not come to an exchange.
        """
        if self._no_user is not None:
            raise CannotTell(self._no_user)
        if self._onboarding is None:
            try:
                self._onboarding = self._onboard()
            except CannotTell as error:
                self._no_user = f"there is no user: {error}"
                raise
        return self._onboarding

    def _onboard(self) -> Onboarding:
        state = secrets.token_hex(8)
        intent, answer = self.authorized(state=state)
        form = {"grant_type": "authorization_code", "code": code_of(answer)}
        elsewhere = self.token(**form, redirect_uri=f"{self.target.redirect_uri}/elsewhere")
        exchanged = self.token(**form, redirect_uri=self.target.redirect_uri)
        again = self.token(**form, redirect_uri=self.target.redirect_uri)
        for exchange in (elsewhere, exchanged, again):
            self.keep(exchange)
        if self._tokens is None:
            # A server may spend the code on the attempt with another redirect URI.
            exchanged = self.token(**{**form, "code": self.code()}, redirect_uri=self.target.redirect_uri)
            self.keep(exchanged)
        return Onboarding(
            state=state, intent=intent, answer=answer, elsewhere=elsewhere, exchanged=exchanged, again=again
        )

    # Time, webhooks, lists

    def advance(self, seconds: float) -> None:
        """Moves the server's clock.

        Raises:
            CannotTell: it cannot be moved.
        """
        if self.means.advance is None:
            raise CannotTell("the clock cannot be moved")
        self.means.advance(seconds)
        self._advanced += seconds

    def listening(self) -> Receiver:
        """Returns the receiver of webhooks, which the server is told of when it is first wanted.

        Raises:
            CannotTell: there is none.
        """
        if self.receiver is None:
            if self.means.listen is None:
                raise CannotTell("there is no receiver of webhooks")
            self.receiver = Receiver(port=self.means.webhook_port)
            self.means.listen(self.receiver.url)
        return self.receiver

    def hooks(self, *, at_least: int = 1, since: int = 0) -> list[Hook]:
        """Returns the webhooks that came, after waiting for as many as are wanted."""
        receiver = self.listening()
        if self.means.settle is not None:
            self.means.settle()
        else:
            ends = time.monotonic() + self.means.patience
            while len(receiver.hooks) - since < at_least and time.monotonic() < ends:
                time.sleep(TRIES_AT_ONCE)
        return receiver.hooks[since:]

    def items(self, plural: str, *, id: str = "", path: str | None = None) -> list[dict[str, Any]]:
        """Returns the first page of a list."""
        exchange = self.call("GET", path or f"/v1/{plural}", id=id).expect(200)
        items: object = exchange.object().get(plural)
        if not is_array(items):
            raise CannotTell(f"{exchange.name} has no list in `{plural}`")
        return [item for item in items if is_object(item)]

    def close(self) -> None:
        """Stops to receive webhooks."""
        if self.receiver is not None:
            self.receiver.close()


def operation_at(method: str, path: str) -> str:
    """Returns the operation of the spec at a path that is written with `{id}`; empty when there is none."""
    for one in OPERATIONS.values():
        steps = ["{id}" if step.startswith("{") else step for step in one.path.split("/")]
        if one.method == method and "/".join(steps) == path:
            return one.id
    return ""


def margin(lifetime: float) -> float:
    """Returns how many seconds before its end an access token is refreshed."""
    return min(LONGEST_MARGIN, lifetime / 10)


def pause_of(exchange: Exchange, *, tries: int) -> float:
    """Returns how many seconds to wait before the next try: what the answer asks for, within bounds."""
    asked = exchange.headers.get("retry-after", "").strip()
    known = asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS
    return min(float(asked) if known else 2.0 ** (tries - 1), LONGEST_PAUSE)


def as_text(exchange: Exchange, name: str) -> str | None:
    """Returns a field of an answer, when it is text."""
    try:
        body = json.loads(exchange.content)
    except (ValueError, RecursionError):
        return None
    value = body.get(name) if is_object(body) else None
    return value if isinstance(value, str) and value else None


def code_of(answer: Mapping[str, list[str]]) -> str:
    """Returns the code of a redirect.

    Raises:
        CannotTell: there is none.
    """
    found = answer.get("code") or answer.get("authorization_code")
    if not found:
        raise CannotTell(f"the redirect has no code, but {', '.join(sorted(answer)) or 'nothing'}")
    return found[0]
