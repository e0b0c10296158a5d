"""The calls that settle guesses, one after the other, each with what the ones before have brought."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final

from astra_api.operations import OPERATIONS

from astra._json import is_object
from astra.conformance.outcome import CannotTell, ServerGone
from astra.conformance.wire import Exchange
from astra.conformance.world import World
from astra.first_contact.judge import Seen, Verdict, body_of
from astra.first_contact.paging import SMALLEST, find_out, ids_of, rows_of
from astra.first_contact.spec import Spec

WRONG: Final = {"first": "contact"}
"""What no field takes: an object. A refusal names the field."""

WRONG_WORD: Final = "first-contact"
"""What no field takes that has a list of values. A refusal lists them."""

NOT_THERE: Final = (404, 405)
ROUTE_IS_THERE: Final = (400, 401, 403, 409, 422)
MOST_SEGMENTED: Final = 5
LISTS: Final = ("list_accounts", "list_cards", "list_routines", "list_transfers")
PAGED: Final = ("list_instant_payment_eligibility", "list_transfers", "list_routines", "list_accounts", "list_cards")
ASKED: Final[dict[str, tuple[str, ...]]] = {
    "update_user": ("email",),
    "upgrade_kyc_type": ("kyc_type", "ssn", "date_of_birth"),
    "request_phone_number_update": ("phone",),
    "request_address_change": ("address1", "address2", "city", "state", "postal_code"),
    "preview_routine": ("debit_fee_percent",),
}
"""Fields that are sent with something that no field takes, so that nothing comes of it but a refusal."""

ASKED_WITH_PAYMENTS: Final[dict[str, tuple[str, ...]]] = {
    "create_book_routine": ("name", "amount", "source_id", "destination_id"),
    "create_routine": ("debit_fee_percent", "ultimate_receiver_user_id", "ultimate_sender_user_id"),
    "create_account_to_card_routine": (
        "settlement_mode",
        "ultimate_receiver_user_id",
        "ultimate_sender_user_id",
    ),
    "create_card_to_account_routine": ("ultimate_receiver_user_id", "ultimate_sender_user_id"),
}
NO_PAYMENTS: Final = "it moves money, which was not allowed (--with-payments)"


class Walk:
    """One walk along one server.

    Args:
        world: to call with.
        spec: ours.
        payments: whether money may be moved.
        batch_transfer: id of a batch transfer, if one is known.
        skip: operations that an earlier walk has seen succeed; what writes is not done again.
    """

    def __init__(
        self,
        world: World,
        spec: Spec,
        *,
        payments: bool,
        batch_transfer: str | None = None,
        skip: Collection[str] = (),
    ) -> None:
        self._world, self._spec = world, spec
        self._payments, self._batch_transfer, self._skip = payments, batch_transfer, skip
        self._paths: dict[str, str] = {}
        self._user = ""
        self.seen: list[Seen] = []
        self.left: dict[str, str] = {}
        self.told: dict[str, Verdict] = {}

    def steps(self) -> list[Callable[[], None]]:
        """Returns what to do, in its order. A step that lacks something says so in `left`."""
        return [
            self.client_reads,
            self.business_profile,
            self.user,
            self.lists,
            self.cards,
            self.pay,
            self.transfers,
            self.preview,
            self.refusals,
            self.pages,
            self.banks,
        ]

    def call(
        self,
        operation: str,
        *,
        id: str = "",
        query: Mapping[str, object] | None = None,
        sent: object = None,
        probe: tuple[str, ...] = (),
        facts: Mapping[str, Collection[object]] | None = None,
    ) -> Seen:
        """Calls an operation, under another spelling of its path if the server has not ours."""
        row = OPERATIONS[operation]
        tried = [self._paths[operation]] if operation in self._paths else [row.path, *spellings(row.path)]
        if not is_guessed(row.path, operation):
            tried = tried[:1]
        try:
            found = self._try(operation, tried, id=id, query=query, sent=sent)
        except CannotTell as error:
            self.left.setdefault(operation, str(error))
            return Seen(operation=operation, status=0)
        self._tell_path(operation, found)
        seen = Seen(
            operation=operation,
            status=found.status,
            body=body_of(found.content),
            content=found.content,
            sent=sent,
            probe=probe,
            facts=facts or {},
            request_id=found.request_id,
            header_names=frozenset(found.headers),
        )
        self.seen.append(seen)
        known = any(one.operation == operation and one.is_success for one in self.seen)
        if not known and not probe:
            self.left.setdefault(operation, f"it answered {seen.status} (request id {seen.request_id or 'missing'})")
        return seen

    def _try(self, operation: str, paths: list[str], *, id: str, query: Any, sent: object) -> Exchange:
        path, *others = paths
        found = self._send(operation, path, id=id, query=query, sent=sent)
        while found.status in NOT_THERE and others:
            path = others.pop(0)
            found = self._send(operation, path, id=id, query=query, sent=sent)
        if found.status not in NOT_THERE:
            self._paths[operation] = path
        return found

    def _send(self, operation: str, path: str, *, id: str, query: Any, sent: object) -> Exchange:
        row = OPERATIONS[operation]
        steps = ["{id}" if step.startswith("{") else step for step in path.split("/")]
        return self._world.call(row.method, "/".join(steps), auth=row.auth, id=id, query=query, json_body=sent)

    def _tell_path(self, operation: str, exchange: Exchange) -> None:
        row = OPERATIONS[operation]
        place = f"paths.{row.path}.{row.method.lower()}"
        path = self._paths.get(operation)
        is_there = exchange.status < 300 or (exchange.status in ROUTE_IS_THERE and row.method != "GET")
        if path is not None and path != row.path:
            self.told[place] = Verdict(place, "contradicted", f"it is {path}", called=path)
        elif path is not None and is_there:
            self.told.setdefault(
                place, Verdict(place, "confirmed", f"{row.method} {row.path} answered {exchange.status}")
            )
        elif path is None and "{" not in row.path and place not in self.told:
            detail = f"{row.method} {row.path} answered {exchange.status}, and so did other spellings"
            self.told[place] = Verdict(place, "contradicted", detail)

    # Steps

    def client_reads(self) -> None:
        """What the client's own credentials show."""
        instruments = items(self.call("list_payment_instruments"))
        for one in instruments[:1]:
            self.call("get_payment_instrument", id=text(one, "id"))
        if self._batch_transfer is None:
            self.left["get_batch_transfer"] = "no id of a batch transfer is known (--batch-transfer)"
        else:
            self.call("get_batch_transfer", id=self._batch_transfer, facts={"id": [self._batch_transfer]})

    def business_profile(self) -> None:
        """A business that does not exist."""
        if "get_business_profile" in self._skip:
            return  # an earlier walk has made one
        person = self._world.person()
        profile = {
            **{name: person[name] for name in ("phone", "first_name", "last_name", "email")},
            "business_info": {"business_type": "llc", "business_name": "First Contact LLC", "ein": "12-3456789"},
            "business_admin": {"first_name": "Edmund", "last_name": "Hillary", "ssn": "9999"},
            "business_controller": {"first_name": "Tenzing", "last_name": "Norgay", "title": "CEO"},
        }
        made = self.call("create_business_profile", sent=profile)
        id = text(made.body, "id")
        if not id:
            self.left["get_business_profile"] = "no business profile was made"
            return
        known = {name: [value] for name, value in profile.items()} | {"id": [id]}
        self.call("get_business_profile", id=id, facts=known)

    def user(self) -> None:
        """The test user."""
        self._user = text(self.call("get_user").body, "id")
        if self._user:
            self.call("get_capabilities", id=self._user)
        self.call("list_phone_number_change_requests")

    def lists(self) -> None:
        """What the user has."""
        for operation in LISTS:
            self.call(operation)

    def cards(self) -> None:
        """The assessment of a card."""
        card = next((text(one, "id") for one in self._all("list_cards")), "")
        if not card:
            self.left["get_card_auth_details"] = "the user has no card"
            return
        self.call("get_card_auth_details", id=card, facts={"card_id": [card]})

    def pay(self) -> None:
        """A payment of a dollar that is taken back, and one to a card."""
        if not self._payments:
            self.left |= dict.fromkeys(
                ("create_routine", "create_account_to_card_routine", "cancel_transfer"), NO_PAYMENTS
            )
            return
        if "create_routine" in self._skip:
            return
        accounts = [text(one, "id") for one in self._all("list_accounts")]
        if len(accounts) < 2:
            self.left |= dict.fromkeys(("create_routine", "cancel_transfer"), "the user has not two accounts")
            return
        routine = {
            "type": "one-time",
            "name": "First contact",
            "payment_type": "ach",
            "source_id": accounts[-1],
            "destination_id": accounts[0],
            "amount": 1,
        }
        made = self.call("create_routine", sent=routine | {"client_correlation_id": f"FIRST{secrets.token_hex(6)}"})
        pending = items(self.call("list_routine_transfers", id=text(made.body, "id"))) if made.is_success else []
        if pending:
            self.call("cancel_transfer", id=text(pending[0], "id"))
        else:
            self.left["cancel_transfer"] = "no transfer was made that could be canceled"
        cards = [text(one, "id") for one in self._all("list_cards")]
        if cards and self._user:
            payout = {
                "name": "First contact",
                "amount": 1,
                "source": {"id": accounts[0]},
                "destination": {"id": cards[0], "user_id": self._user},
                "settlement_mode": "gross_debit",
                "client_correlation_id": secrets.token_hex(4),
            }
            self.call("create_account_to_card_routine", sent=payout)
        self.call("list_routines")
        self.call("list_transfers")

    def transfers(self) -> None:
        """The legs of some transfers, and the transfers of a routine."""
        routine = next((text(one, "id") for one in self._all("list_routines")), "")
        if routine:
            self.call("list_routine_transfers", id=routine)
        for one in self._all("list_transfers")[:MOST_SEGMENTED]:
            known = {name: [one[name]] for name in ("source_id", "destination_id", "payment_type") if one.get(name)}
            self.call("list_transfer_segments", id=text(one, "id"), facts=known)
        if not self._all("list_transfers"):
            self.left["list_transfer_segments"] = "the user has no transfer"

    def preview(self) -> None:
        """The fees of a payment that nobody makes."""
        cards = [text(one, "id") for one in self._all("list_cards")]
        if len(cards) < 2:
            self.left["preview_routine"] = "the user has not two cards"
            return
        sent = {"type": "one-time", "name": "First contact", "payment_type": "debit", "source_id": cards[0],
                "destination_id": cards[1], "amount": 137.31}  # fmt: skip
        self.call("preview_routine", sent=sent)

    def refusals(self) -> None:
        """Requests that cannot be taken, for the names in what they are answered."""
        asked = ASKED | (ASKED_WITH_PAYMENTS if self._payments else {})
        for operation, fields in asked.items():
            sent = {name: WRONG_WORD if name == "settlement_mode" else WRONG for name in fields}
            self.call(operation, id=self._user, sent=sent, probe=fields)
        if not self._payments:
            self.left |= dict.fromkeys(ASKED_WITH_PAYMENTS, NO_PAYMENTS)

    def pages(self) -> None:
        """The first list that is long enough to have two pages."""
        for operation in PAGED:
            if len(ids_of(self._last(operation))) > SMALLEST or operation == PAGED[0]:
                found = find_out(self._spec, operation, partial(self._page, operation))
                self.told |= found
                if found:
                    return
        self.left["list_accounts"] = f"no list has more than {SMALLEST} items"

    def banks(self) -> None:
        """Whether the parameters of the list of banks narrow it."""
        operation = "list_instant_payment_eligibility"
        rows = self._all(operation)
        path = OPERATIONS[operation].path
        if len(rows) < 2:
            return
        for name in ("routing_number", "institution_routing_number", "participant_id"):
            place = f"paths.{path}.get.parameters.{name}"
            self.told[place] = Verdict(place, "contradicted", f"{operation} pays no heed to it")
            for value in {key: value for key, value in rows[0].items() if isinstance(value, str)}.values():
                narrowed = self.call(operation, query={name: value})
                if narrowed.is_success and len(items(narrowed)) < len(rows):
                    self.told[place] = Verdict(place, "confirmed", f"{operation}: it narrows the list")
                    break

    def _page(self, operation: str, query: Mapping[str, str]) -> object:
        seen = self.call(operation, query=query)
        return seen.body if seen.is_success else None

    def _last(self, operation: str) -> object:
        return next((one.body for one in reversed(self.seen) if one.operation == operation and one.is_success), None)

    def _all(self, operation: str) -> list[dict[str, Any]]:
        return rows_of(self._last(operation))


def items(seen: Seen) -> list[dict[str, Any]]:
    """Returns the items of a list's answer."""
    return rows_of(seen.body) if seen.is_success else []


def text(body: object, name: str) -> str:
    """Returns a text of an object; an empty one when there is none."""
    value = body.get(name) if is_object(body) else None
    return value if isinstance(value, str) else ""


def is_guessed(path: str, operation: str) -> bool:
    """Whether the spelling of a path is a guess."""
    from astra_api.guesses import GUESSES

    return any(guess.kind == "path" and guess.name == path and operation in guess.operations for guess in GUESSES)


def spellings(path: str) -> list[str]:
    """Returns other spellings of a path: hyphens for underscores, in its last word and everywhere."""
    steps = path.split("/")
    plain = [number for number, step in enumerate(steps) if not step.startswith("{") and "_" in step]
    found = [
        "/".join(step.replace("_", "-") if number in chosen else step for number, step in enumerate(steps))
        for chosen in (plain[-1:], plain)
    ]
    return [one for one in dict.fromkeys(found) if one != path]


def go(walk: Walk) -> str:
    """Takes every step. One that finds nothing to go on does not end the walk.

    Returns:
        Why the walk was ended early; empty when it was not.
    """
    try:
        for step in walk.steps():
            step()
    except ServerGone as error:
        return str(error)
    except KeyboardInterrupt:
        return "it was stopped"
    return ""
