"""Who may call, how errors look, and the request id on every answer."""

from __future__ import annotations

import json

from astra._json import is_object
from astra.conformance.outcome import CannotTell, Failed, check
from astra.conformance.wire import Exchange
from astra.conformance.world import World

STATUS_TABLE = "reference/errors"
COMPONENTS = "components of Astra's OpenAPI (third-party profile)"
INTRODUCTION = "reference/introduction"


@check("auth.bearer-required", "A user's resource is refused with 401 without an access token.",
       evidence="documented", source="reference/authorization")  # fmt: skip
def bearer_required(world: World) -> None:
    """No header."""
    world.call("GET", "/v1/user", auth=None).expect(401)


@check("auth.bearer-unknown", "An unknown access token is refused with 401.", evidence="documented",
       source=STATUS_TABLE)  # fmt: skip
def bearer_unknown(world: World) -> None:
    """A token that never was."""
    world.call("GET", "/v1/user", auth="Bearer conformance").expect(401)


@check("auth.basic-is-no-bearer", "A user's resource is refused with 401 to the client's own credentials.",
       evidence="documented", source="the credential that each page of the reference names")  # fmt: skip
def basic_is_no_bearer(world: World) -> None:
    """The client's credentials for a user's resource."""
    world.call("GET", "/v1/accounts", auth="basic").expect(401)


@check("auth.unknown-client", "An unknown client is refused with 401 and the text `Invalid client_id`.",
       evidence="documented", source="reference/common-errors-responses")  # fmt: skip
def unknown_client(world: World) -> None:
    """A client that is none."""
    answer = world.call("GET", "/v1/payment_instruments", auth=world.basic("conformance", "conformance")).expect(401)
    if b"Invalid client_id" not in answer.content:
        raise Failed(f"{answer.name} does not say `Invalid client_id`")


@check("user.profile", "GET /v1/user tells the user's id.", evidence="documented", source="reference/get_v1-user",
       needs=["person"])  # fmt: skip
def profile(world: World) -> None:
    """The profile of the run's user."""
    world.call("GET", "/v1/user").expect(200).text("id")


def generic(answer: Exchange) -> None:
    """Holds an error to `generic_error`."""
    body = answer.object()
    if body.get("code") != answer.status:
        raise Failed(f"{answer.name} does not repeat its status in `code`")
    for name in ("name", "description"):
        answer.text(name)


@check("error.not-found", "A resource that is not there is a 404 with code, name and description.",
       evidence="observed", source=f"{STATUS_TABLE}; {COMPONENTS}", needs=["person"])  # fmt: skip
def not_found(world: World) -> None:
    """An id that never was."""
    generic(world.call("GET", "/v1/transfers/{id}", id="conformance").expect(404))


@check("error.unknown-path", "A path that is not there is a 404 with code, name and description.",
       evidence="observed", source=f"{STATUS_TABLE}; {COMPONENTS}")  # fmt: skip
def unknown_path(world: World) -> None:
    """A path that never was."""
    generic(world.call("GET", "/v1/conformance", auth="basic").expect(404))


@check("error.method", "A method that a path has not is a 405.", evidence="documented", source=STATUS_TABLE)
def method(world: World) -> None:
    """A wrong method."""
    world.call("PUT", "/v1/user_intent", auth="basic", json_body={}).expect(405)


@check("error.not-acceptable", "A format other than JSON is refused with 406.", evidence="documented",
       source=STATUS_TABLE)  # fmt: skip
def not_acceptable(world: World) -> None:
    """A wish for XML."""
    answer = world.call("GET", "/v1/payment_instruments", auth="basic", headers={"Accept": "application/xml"})
    answer.expect(406)


@check("error.validation", "A body that lacks fields is a 400 that names them in `description`.",
       evidence="observed", source="integrating code")  # fmt: skip
def validation(world: World) -> None:
    """An intent without a last name."""
    body = world.person()
    del body["last_name"]
    answer = world.call("POST", "/v1/user_intent", auth="basic", json_body=body).expect(400)
    if "last_name" not in json.dumps(answer.object().get("description")):
        raise Failed(f"{answer.name} does not name the missing field in `description`")


@check("error.bad-json", "A body that is not JSON is refused with 400.", evidence="documented", source=STATUS_TABLE)
def bad_json(world: World) -> None:
    """Half a body."""
    world.call("POST", "/v1/user_intent", auth="basic", raw=b'{"email": ').expect(400)


def envelope(answer: Exchange) -> str | None:
    """Returns what is wrong with the body of an error, if anything."""
    try:
        body = json.loads(answer.content)
    except (ValueError, RecursionError):
        return "is not JSON"
    if not is_object(body):
        return "is not an object"
    oauth = isinstance(body.get("error"), str)
    generic_or_validation = "description" in body and {"code", "status_code"} & set(body)
    return None if oauth or generic_or_validation else "is none of the three error envelopes"


def answers(world: World) -> list[Exchange]:
    """Returns every answer of this run."""
    found = [exchange for exchange in world.exchanges if exchange.path.startswith("/v1/")]
    if not found:
        raise CannotTell("there was no answer")
    return found


@check("error.envelope", "Every error has `error`, or `code` or `status_code` with `description`.",
       evidence="observed", source=COMPONENTS)  # fmt: skip
def error_envelope(world: World) -> None:
    """All errors of this run."""
    errors = [exchange for exchange in answers(world) if exchange.status >= 400]
    if not errors:
        raise CannotTell("there was no error")
    for exchange in errors:
        if wrong := envelope(exchange):
            raise Failed(f"the body of {exchange.name} {wrong}")


@check("request-id.always", "Every answer of the API has a `Request-Id`, errors too.", evidence="documented",
       source=INTRODUCTION)  # fmt: skip
def request_id_always(world: World) -> None:
    """All answers of this run."""
    without = [exchange for exchange in answers(world) if not exchange.request_id]
    if without:
        raise Failed(f"{len(without)} answers have none, the first of {without[0].name}")


@check("request-id.unique", "No two answers have the same request id.", evidence="inferred", source=INTRODUCTION)
def request_id_unique(world: World) -> None:
    """All answers of this run."""
    ids = [exchange.request_id for exchange in answers(world) if exchange.request_id]
    if len(ids) < 2:
        raise CannotTell(f"{len(ids)} answers had one")
    if len(set(ids)) < len(ids):
        raise Failed(f"{len(ids) - len(set(ids))} of {len(ids)} are repeated")


ERRORS = (
    bearer_required,
    bearer_unknown,
    basic_is_no_bearer,
    unknown_client,
    profile,
    not_found,
    unknown_path,
    method,
    not_acceptable,
    validation,
    bad_json,
)
PASSIVE = (error_envelope, request_id_always, request_id_unique)
"""What looks at all answers of a run, and so comes last."""
