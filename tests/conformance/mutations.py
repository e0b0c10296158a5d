"""Rules of the sandbox, each broken in one way, and the checks of the conformance suite that must notice."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from astra.sandbox import webhooks
from astra.sandbox.engine import authorization, intents, oauth, paging, problems, routines, transfers
from astra.sandbox.engine.core import Answer
from astra.sandbox.engine.options import Options
from astra.sandbox.engine.problems import generic
from astra.sandbox.handlers import HANDLERS
from astra.sandbox.http import api, hosted
from astra.sandbox.http.router import Router

Plant = Callable[[pytest.MonkeyPatch], None]


@attrs.frozen
class Mutation:
    """A rule that a sandbox does not keep, and the checks that fail for it: these, and no others."""

    name: str
    plant: Plant
    fails: frozenset[str]
    options: Options


MUTATIONS: list[Mutation] = []


def breaks(*fails: str, **options: Any) -> Callable[[Plant], Plant]:
    """Puts a mutation into the table, under the name of its function; `options` are those of the sandbox."""

    def add(plant: Plant) -> Plant:
        MUTATIONS.append(Mutation(plant.__name__, plant, frozenset(fails), Options(**options)))
        return plant

    return add


def answering(patch: pytest.MonkeyPatch, operation: str, change: Callable[[Answer], Answer]) -> None:
    """Changes what an operation answers."""
    rule = HANDLERS[operation]
    patch.setitem(HANDLERS, operation, lambda engine, call: change(rule(engine, call)))


def edited(**fields: Any) -> Callable[[Answer], Answer]:
    return lambda answer: Answer(answer.status, {**answer.body, **fields})


# Tokens


@breaks("token.one-access-token")
def a_refresh_leaves_the_old_access_token_alive(patch):
    patch.setattr(oauth, "kill_access_token", lambda engine, user: None)


@breaks("token.code-once")
def a_code_can_be_used_again(patch):
    def redeem(engine, client, form):
        grant = engine.state.codes.get(form.get("code", ""))
        issued = redeem_code(engine, client, form)
        engine.state.codes[form["code"]] = grant
        return issued

    redeem_code = oauth.redeem_code
    patch.setattr(oauth, "redeem_code", redeem)


@breaks("token.code-redirect-uri")
def a_code_is_good_for_any_redirect_uri(patch):
    def redeem(engine, client, form):
        grant = engine.state.codes.get(form.get("code", ""))
        return redeem_code(engine, client, {**form, "redirect_uri": grant.redirect_uri} if grant else form)

    redeem_code = oauth.redeem_code
    patch.setattr(oauth, "redeem_code", redeem)


@breaks("token.code-expires", code_seconds=86400)
def a_code_lives_a_day(patch):
    """By its options."""


@breaks("token.answer")
def a_lifetime_is_text(patch):
    change_issued(patch, lambda pair: {**pair, "expires_in": "7200"})


@breaks("token.two-hours", access_token_seconds=3 * 3600)
def an_access_token_lives_three_hours(patch):
    """By its options."""


@breaks("token.access-expires", access_token_seconds=3 * 3600)
def an_access_token_lives_longer_than_it_says(patch):
    change_issued(patch, lambda pair: {**pair, "expires_in": 7200})


@breaks("token.access-expires", access_token_seconds=3600)
def an_access_token_dies_before_it_says(patch):
    change_issued(patch, lambda pair: {**pair, "expires_in": 7200})


@breaks("token.refresh-again")
def a_refresh_token_works_once(patch):
    def refresh(engine, client, form):
        issued = rule(engine, client, form)
        engine.state.refresh_tokens.pop(form["refresh_token"])
        return issued

    rule = oauth.refresh
    patch.setattr(oauth, "refresh", refresh)


@breaks("token.refresh-rotates", "token.ten-days")
def a_refresh_repeats_the_refresh_token(patch):
    def refresh(engine, client, form):
        return {**rule(engine, client, form), "refresh_token": form["refresh_token"]}

    rule = oauth.refresh
    patch.setattr(oauth, "refresh", refresh)


@breaks("token.ten-days", refresh_token_seconds=30 * 86400)
def a_refresh_token_lives_a_month(patch):
    """By its options."""


@breaks("token.ten-days", refresh_token_seconds=9 * 86400)
def a_refresh_token_lives_nine_days(patch):
    """By its options."""


@breaks("token.users-apart")
def a_refresh_kills_the_tokens_of_everybody(patch):
    patch.setattr(oauth, "kill_access_token", lambda engine, user: engine.state.access_tokens.clear())


@breaks("token.answer")
def the_token_type_is_missing(patch):
    change_issued(patch, lambda pair: {name: value for name, value in pair.items() if name != "token_type"})


@breaks("token.code-once", "token.code-redirect-uri", "token.code-expires", "token.unknown-code")
def a_dead_code_is_an_invalid_request(patch):
    def redeem(engine, client, form):
        try:
            return rule(engine, client, form)
        except problems.Problem as problem:
            if problem.body["error"] != "invalid_grant":
                raise
            raise problems.oauth(400, "invalid_request", "dead") from None

    rule = oauth.redeem_code
    patch.setattr(oauth, "redeem_code", redeem)


@breaks("token.grant-types")
def client_credentials_are_granted(patch):
    def exchange(engine, call):
        if call.body.get("grant_type") == "client_credentials":
            return Answer(200, {"access_token": "x" * 42, "expires_in": 7200, "token_type": "Bearer"})
        return rule(engine, call)

    rule = HANDLERS["exchange_token"]
    patch.setitem(HANDLERS, "exchange_token", exchange)


@breaks("token.wrong-secret")
def any_secret_will_do(patch):
    def client_of_basic(engine, header, *, token_endpoint):
        client = next(iter(engine.state.clients.values()))
        given = api_header(header)
        if given is not None and given == client.id:
            return client
        return rule(engine, header, token_endpoint=token_endpoint)

    rule = oauth.client_of_basic
    patch.setattr(oauth, "client_of_basic", client_of_basic)


@breaks("token.wrong-secret", "token.wrong-client")
def wrong_credentials_are_a_generic_error(patch):
    def client_of_basic(engine, header, *, token_endpoint):
        return rule(engine, header, token_endpoint=token_endpoint and not header)

    rule = oauth.client_of_basic
    patch.setattr(oauth, "client_of_basic", client_of_basic)


@breaks("auth.basic-is-no-bearer")
def the_client_may_read_as_a_user(patch):
    def grant_of_bearer(engine, header):
        if header and header.startswith("Basic "):
            client = next(iter(engine.state.clients.values()))
            return client, next(iter(engine.state.users.rows.values()))
        return rule(engine, header)

    rule = oauth.grant_of_bearer
    patch.setattr(oauth, "grant_of_bearer", grant_of_bearer)


@breaks("auth.unknown-client")
def an_unknown_client_is_not_named(patch):
    patch.setattr(oauth, "generic", lambda status, text=None: generic(status))


# The hosted module, and intents


@breaks("authorize.state", "authorize.declined")
def the_state_is_lost(patch):
    rule = hosted.back
    patch.setattr(hosted, "back", lambda uri, answer, state: rule(uri, answer, None))


@breaks("authorize.code")
def the_code_has_one_name(patch):
    def back(uri, answer, state):
        return rule(uri, {name: value for name, value in answer.items() if name != "authorization_code"}, state)

    rule = hosted.back
    patch.setattr(hosted, "back", back)


@breaks("authorize.registered-redirect")
def any_redirect_uri_will_do(patch):
    def check_client(engine, client_id, redirect_uri):
        registered = engine.state.clients[client_id].redirect_uris[0] if client_id in engine.state.clients else ""
        return rule(engine, client_id, registered)

    rule = authorization.check_client
    patch.setattr(authorization, "check_client", check_client)


@breaks("intent.converted")
def an_intent_does_not_name_its_user(patch):
    answering(patch, "get_user_intent", lambda answer: Answer(200, {**answer.body, "user_id": "somebody"}))


@breaks("intent.three-per-email")
def an_email_may_have_any_number_of_intents(patch):
    patch.setattr(intents, "MOST_INTENTS_PER_EMAIL", 100)


@breaks("intent.metadata")
def metadata_are_forgotten(patch):
    patch.setattr(intents, "read_metadata", lambda body: None)


@breaks("intent.null-address2")
def a_null_is_an_empty_string(patch):
    def create(engine, call):
        if isinstance(call.body, dict) and call.body.get("address2", "") is None:
            call.body["address2"] = ""
        return rule(engine, call)

    rule = HANDLERS["create_user_intent"]
    patch.setitem(HANDLERS, "create_user_intent", create)


# Errors and request ids


@breaks("request-id.always")
def errors_have_no_request_id(patch):
    def encode(self, exchange, status, body, more):
        status, headers, payload = rule(self, exchange, status, body, more)
        return status, [one for one in headers if status < 400 or one[0] != b"request-id"], payload

    rule = api.Api.encode
    patch.setattr(api.Api, "encode", encode)


@breaks("request-id.unique")
def every_answer_has_one_request_id(patch):
    def encode(self, exchange, status, body, more):
        exchange.request_id = "always-the-same"
        return rule(self, exchange, status, body, more)

    rule = api.Api.encode
    patch.setattr(api.Api, "encode", encode)


@breaks("error.not-found", "error.unknown-path", "error.envelope")
def a_404_has_another_shape(patch):
    def encode(self, exchange, status, body, more):
        if status == 404:
            body = {"type": "about:blank", "title": "Not Found", "status": 404}
        return rule(self, exchange, status, body, more)

    rule = api.Api.encode
    patch.setattr(api.Api, "encode", encode)


@breaks("error.validation")
def a_refused_body_does_not_say_which_field(patch):
    patch.setattr("astra.sandbox.engine.reader.invalid", lambda fields: generic(400, "Bad data."))


@breaks("error.not-acceptable")
def any_format_is_answered_with_json(patch):
    patch.setattr(api, "accepts_json", lambda accept: True)


@breaks("error.method")
def a_wrong_method_is_a_404(patch):
    def find(self, method, path):
        try:
            return rule(self, method, path)
        except problems.Problem:
            raise generic(404) from None

    rule = Router.find
    patch.setattr(Router, "find", find)


@breaks("error.not-found")
def a_missing_transfer_is_a_400(patch):
    patch.setattr(transfers, "missing", lambda: generic(400))


# Payments


@breaks("payment.created", "payment.correlation-alphanumeric", "payment.correlation-length")
def the_correlation_id_is_not_read(patch):
    patch.setattr(routines, "correlation_id", lambda body, **rest: None)


@breaks("payment.correlation-id")
def a_transfer_has_no_correlation_id(patch):
    def show(engine, transfer):
        return {**rule(engine, transfer), "client_correlation_id": None}

    rule = transfers.show_transfer
    patch.setattr(transfers, "show_transfer", show)


@breaks("payment.no-idempotency", "payment.many")
def a_correlation_id_makes_one_payment(patch):
    def create(engine, call):
        wanted = call.body.get("client_correlation_id")
        for routine in engine.state.routines.of(call.user.id):
            if wanted and routine.client_correlation_id == wanted:
                return Answer(200, routines.show_routine(engine, routine))
        return rule(engine, call)

    rule = HANDLERS["create_routine"]
    patch.setitem(HANDLERS, "create_routine", create)


@breaks("payment.correlation-length")
def a_correlation_id_of_ach_may_be_longer(patch):
    patch.setitem(routines.CORRELATION_LENGTHS, "ach", 140)


@breaks("payment.transfer")
def a_transfer_has_another_amount(patch):
    def show(engine, transfer):
        return {**rule(engine, transfer), "amount": Decimal(2)}

    rule = transfers.show_transfer
    patch.setattr(transfers, "show_transfer", show)


@breaks("payment.cancel")
def a_canceled_transfer_stays_pending(patch):
    patch.setitem(HANDLERS, "cancel_transfer", HANDLERS["get_transfer"])


@breaks("payment.settles")
def a_processed_payment_leaves_its_routine_active(patch):
    patch.setattr(transfers, "set_status", lambda engine, routine, status: None)


# Lists


@breaks("list.default-size")
def a_page_has_fifty_items(patch):
    patch.setattr(paging, "DEFAULT_SIZE", 50)


@breaks("list.size-range")
def a_page_may_have_any_size(patch):
    patch.setattr(paging, "SMALLEST", 1)


@breaks("list.pages")
def pages_overlap(patch):
    rule = paging.cursor_after
    patch.setattr(paging, "cursor_after", lambda seq: rule(seq + 1))


@breaks("list.end")
def more_is_always_false(patch):
    change_pages(patch, lambda body: {**body, "more": False})


@breaks("list.envelope")
def items_are_under_data(patch):
    """Whatever needs a list cannot tell."""

    def renamed(body):
        plural = next(name for name, value in body.items() if isinstance(value, list))
        return {**{name: value for name, value in body.items() if name != plural}, "data": body[plural]}

    change_pages(patch, renamed)


@breaks("list.newest-first", "list.pages")
def lists_are_oldest_first(patch):
    def reversed_items(body):
        return {name: value[::-1] if isinstance(value, list) else value for name, value in body.items()}

    change_pages(patch, reversed_items)


@breaks("list.bad-cursor")
def a_bad_cursor_is_the_first_page(patch):
    def cursor_seq(query):
        try:
            return rule(query)
        except problems.Problem:
            return None

    rule = paging.cursor_seq
    patch.setattr(paging, "cursor_seq", cursor_seq)


# Webhooks


@breaks("webhook.signature")
def webhooks_are_signed_with_another_secret(patch):
    rule = webhooks.sign
    patch.setattr(webhooks, "sign", lambda body, *, secret: rule(body, secret="another"))


@breaks("webhook.payload")
def webhooks_do_not_name_the_user(patch):
    change_events(patch, lambda body: {name: value for name, value in body.items() if name != "user_id"})


@breaks("webhook.no-status")
def webhooks_carry_a_status(patch):
    change_events(patch, lambda body: {**body, "status": "approved"})


@breaks("webhook.retry", "webhook.only-200", "webhook.gives-up")
def webhooks_are_sent_once(patch):
    patch.setattr(webhooks, "MOST_RETRIES", 0)


@breaks("webhook.gives-up")
def webhooks_are_sent_fifteen_times(patch):
    patch.setattr(webhooks, "MOST_RETRIES", 14)


@breaks("webhook.only-200")
def any_success_confirms_a_webhook(patch):
    patch.setattr(webhooks.Attempt, "delivered", property(lambda self: self.status is not None and self.status < 300))


@breaks("webhook.intent", "webhook.transfer")
def webhooks_name_another_resource(patch):
    change_events(patch, lambda body: {**body, "resource_id": body["resource_id"][::-1]})


# How


def change_issued(patch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    rule = oauth.token_pair
    patch.setattr(oauth, "token_pair", lambda engine, client, user: change(rule(engine, client, user)))


def change_pages(patch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    def page(engine, query, **rest):
        return Answer(200, change(rule(engine, query, **rest).body))

    rule = paging.page
    for module in ("accounts", "cards", "routines", "transfers"):
        patch.setattr(f"astra.sandbox.engine.{module}.page", page)


def change_events(patch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    def body_of(self, event):
        return json.dumps(change(json.loads(spelled(self, event)))).encode()

    spelled = webhooks.WebhookSender.body_of
    patch.setattr(webhooks.WebhookSender, "body_of", body_of)


def api_header(header: str | None) -> str | None:
    """The client id of a Basic header."""
    if not header or not header.startswith("Basic "):
        return None
    return base64.b64decode(header[6:]).decode().partition(":")[0]
