"""The calls that settle guesses, one after the other, each with what the ones before have brought."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final

from astra_api.operations import OPERATIONS

from astra._json import is_object
from astra._spec import Spec
from astra.conformance.outcome import CannotTell, ServerGone
from astra.conformance.run import CANNOT_BE_READ
from astra.conformance.world import World
from astra.first_contact.calls import WRONG, Caller, UserGone
from astra.first_contact.intents import PAYMENT, PAYOUT, PROFILE, Journal
from astra.first_contact.judge import Seen, Verdict
from astra.first_contact.paging import REFUSED, SMALLEST, find_out, ids_of, rows_of
from astra.first_contact.pay import Payer
from astra.first_contact.routes import pairs

WRONG_WORD: Final = "first-contact"
"""What no field takes that has a list of values. A refusal lists them."""

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


class Walk(Caller):
    """One walk along one server.

    Args:
        world: to call with.
        spec: ours.
        payments: whether money may be moved.
        batch_transfer: id of a batch transfer, if one is known.
        skip: operations that an earlier walk has seen succeed; what writes is not done again.
        journal: what earlier walks have begun to change.
    """

    def __init__(
        self,
        world: World,
        spec: Spec,
        *,
        payments: bool,
        batch_transfer: str | None = None,
        skip: Collection[str] = (),
        journal: Journal | None = None,
    ) -> None:
        super().__init__(world, spec, journal=journal)
        self._payments, self._batch_transfer, self._skip = payments, batch_transfer, skip
        self._user = ""

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
        earlier = self.journal.get(PROFILE)
        if (PROFILE in self._skip and earlier is None) or "get_business_profile" in self._skip:
            return  # an earlier walk has made one
        person = self._world.person()
        profile = {
            **{name: person[name] for name in ("phone", "first_name", "last_name", "email")},
            "business_info": {"business_type": "llc", "business_name": "First Contact LLC", "ein": "12-3456789"},
            "business_admin": {"first_name": "Edmund", "last_name": "Hillary", "ssn": "9999"},
            "business_controller": {"first_name": "Tenzing", "last_name": "Norgay", "title": "CEO"},
        }
        made = self._payer().once(PROFILE, profile)
        known = {} if earlier == made else {name: [value] for name, value in profile.items()}
        self.call("get_business_profile", id=made.id, facts={**known, "id": [made.id]})

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
        """A payment of a dollar that is taken back, and one to a card; neither is ever made twice."""
        if not self._payments:
            self.left |= dict.fromkeys(
                ("create_routine", "create_account_to_card_routine", "cancel_transfer"), NO_PAYMENTS
            )
            return
        accounts = [text(one, "id") for one in self._all("list_accounts")]
        cards = [text(one, "id") for one in self._all("list_cards")]
        payer = self._payer()
        if self._is_due(PAYMENT):
            if len(set(filter(None, accounts))) < 2 and self.journal.get(PAYMENT) is None:
                self.left |= dict.fromkeys((PAYMENT, "cancel_transfer"), "the user has not two accounts")
            elif why := payer.pay(source=accounts[-1] if accounts else "", destination=accounts[0] if accounts else ""):
                self.left["cancel_transfer"] = why
        if self._is_due(PAYOUT):
            if accounts and cards and accounts[0] and cards[0] and self._user:
                payer.pay_out(account=accounts[0], card=cards[0], user=self._user)
            else:
                self.left.setdefault(PAYOUT, "the user has not an account and a card")
        self.call("list_routines")
        self.call("list_transfers")

    def _is_due(self, operation: str) -> bool:
        """Whether an earlier walk left something to do of it. One that kept no journal has done it wholly."""
        return operation not in self._skip or self.journal.get(operation) is not None

    def _payer(self) -> Payer:
        return Payer(call=self.call, was_sent=lambda: self._sent, journal=self.journal, pause=self._world.pause)

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
            earlier = self.journal.get(operation)
            if earlier is not None and earlier.state == "accepted":
                self.left.setdefault(operation, "it takes what cannot be taken, and is not asked again")
                continue
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
            heeded, answers = False, list[Seen]()
            for value in {key: value for key, value in rows[0].items() if isinstance(value, str)}.values():
                narrowed = self.call(operation, query={name: value}, is_recorded=False)
                answers.append(narrowed)
                if (
                    narrowed.is_success
                    and pairs(self._spec, operation, narrowed.body)
                    and len(items(narrowed)) < len(rows)
                ):
                    heeded = True
                    break
            if heeded:
                self.told[place] = Verdict(place, "confirmed", f"{operation}: it narrows the list")
            elif answers and all(one.is_success for one in answers):
                self.told[place] = Verdict(place, "contradicted", f"{operation} pays no heed to it")
            else:
                why = "; ".join(sorted({f"it answered {one.status or 'nothing'} with it" for one in answers}))
                self.told[place] = Verdict(place, "open", f"{operation}: {why or 'nothing could be asked for'}")

    def _page(self, operation: str, query: Mapping[str, str]) -> object:
        is_ours = set(query) <= {"page_size", "cursor"} and query.get("cursor", "") in {"", *self._cursors}
        seen = self.call(operation, query=query, is_recorded=is_ours)
        if seen.is_success and seen.body is not None:
            self._cursors |= {text(seen.body, "cursor")}
            return seen.body
        return REFUSED if seen.status in (400, 422) else None

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


def go(walk: Walk, *, each: Callable[[], object] = lambda: None) -> str:
    """Takes every step. One that finds nothing to go on, or something that cannot be read, does not end the walk.

    Args:
        walk: to take.
        each: is called after each step.

    Returns:
        Why the walk was ended early; empty when it was not.
    """
    try:
        for step in walk.steps():
            try:
                step()
            except CannotTell as error:
                walk.left.setdefault(walk.last, str(error))
            except CANNOT_BE_READ as error:
                what = f"an answer cannot be read ({type(error).__name__})"
                walk.left.setdefault(walk.last, what)
                walk.troubles.append(f"{walk.last}: {what}")
            each()
    except ServerGone as error:
        return str(error)
    except UserGone as error:
        walk.is_refused = True
        return str(error)
    except KeyboardInterrupt:
        return "it was stopped"
    return ""
