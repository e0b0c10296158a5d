"""Tokens: how they are issued, live, supersede each other, and are refused."""

from __future__ import annotations

from astra.conformance.outcome import CannotTell, Failed, check
from astra.conformance.wire import Exchange
from astra.conformance.world import DAY, TOKEN, World, as_text

LIFECYCLE = "docs/managing-authorization-lifecycle"
REFERENCE = "reference/post_v1-oauth-token"
OLD = "the one-page documents of 2020 to 2022"
COMPONENTS = "components of Astra's OpenAPI (third-party profile), RFC 6749"


def refused(exchange: Exchange, error: str, *statuses: int) -> None:
    """Holds a refusal of the token endpoint to its OAuth code."""
    exchange.expect(*(statuses or (400,)))
    if exchange.object().get("error") != error:
        raise Failed(f"{exchange.name} does not say {error!r} in `error`")


def user(world: World, access: str) -> Exchange:
    """Calls with a token that may be another than the user's."""
    return world.call("GET", "/v1/user", auth=f"Bearer {access}")


@check("token.answer", "An exchange answers 200 with both tokens, a lifetime in seconds and the type Bearer.",
       evidence="documented", source=REFERENCE, needs=["code"])  # fmt: skip
def answer(world: World) -> None:
    """The answer of an exchange."""
    issued = world.onboarding().issued.expect(200)
    for name in ("access_token", "refresh_token"):
        issued.text(name)
    if issued.text("token_type").lower() != "bearer":
        raise Failed(f"{issued.name} has another `token_type` than Bearer")
    lifetime = issued.object().get("expires_in")
    if not isinstance(lifetime, int) or isinstance(lifetime, bool) or lifetime <= 0:
        raise Failed(f"{issued.name} has no whole number of seconds in `expires_in`")


@check("token.two-hours", "An access token lives two hours by default, and never longer.",
       evidence="documented-old", source=OLD, needs=["person"])  # fmt: skip
def two_hours(world: World) -> None:
    """The lifetime that is told."""
    issued = world.refreshed(world.tokens().refresh)
    lifetime = issued.object().get("expires_in") if issued.status == 200 else None
    if not isinstance(lifetime, int | float) or isinstance(lifetime, bool) or not lifetime > 0:
        raise CannotTell(f"{issued.name} has no number of seconds in `expires_in`")
    if lifetime > 7200:
        raise Failed("`expires_in` is more than 7200 seconds")


@check("token.code-once", "A code is exchanged once; the second time is refused with invalid_grant.",
       evidence="documented", source=LIFECYCLE, needs=["code"])  # fmt: skip
def code_once(world: World) -> None:
    """A code that was used."""
    refused(world.onboarding().again, "invalid_grant")


@check("token.code-redirect-uri", "A code is refused for another redirect URI than that of its link.",
       evidence="documented", source="reference/oauth-links-and-parameters", needs=["code"])  # fmt: skip
def code_redirect_uri(world: World) -> None:
    """A code with another redirect URI."""
    refused(world.onboarding().elsewhere, "invalid_grant")


@check("token.code-expires", "A code lives several minutes: after an hour it is refused with invalid_grant.",
       evidence="documented", source=LIFECYCLE, needs=["code", "clock"])  # fmt: skip
def code_expires(world: World) -> None:
    """A code that is old."""
    code = world.code()
    world.advance(3600)
    late = world.token(grant_type="authorization_code", code=code, redirect_uri=world.target.redirect_uri)
    world.keep(late)
    refused(late, "invalid_grant")


@check("token.refresh-rotates", "A refresh answers new tokens, both other than those before.",
       evidence="documented-old", source=OLD, needs=["person"])  # fmt: skip
def refresh_rotates(world: World) -> None:
    """What a refresh gives."""
    before = world.tokens()
    fresh = world.refreshed(before.refresh).expect(200)
    if fresh.text("access_token") == before.access:
        raise Failed(f"{fresh.name} repeats the access token")
    if fresh.text("refresh_token") == before.refresh:
        raise Failed(f"{fresh.name} repeats the refresh token")


@check("token.one-access-token", "Only one access token of a user is valid: a refresh kills the one before.",
       evidence="documented", source=LIFECYCLE, needs=["person"])  # fmt: skip
def one_access_token(world: World) -> None:
    """The token before."""
    before = world.tokens()
    if user(world, before.access).status != 200:
        raise CannotTell("the token did not work before the refresh either")
    if world.refreshed(before.refresh).status != 200:
        raise CannotTell("there was no refresh")
    user(world, before.access).expect(401)


@check("token.new-one-works", "The access token of a refresh works at once.",
       evidence="documented", source=LIFECYCLE, needs=["person"])  # fmt: skip
def new_one_works(world: World) -> None:
    """The token after."""
    fresh = world.refreshed(world.tokens().refresh)
    token = as_text(fresh, "access_token")
    if token is None:
        raise CannotTell("there was no refresh")
    user(world, token).expect(200)


@check("token.refresh-again", "A refresh token can be used again until it expires, so a lost answer loses nothing.",
       evidence="documented-old", source=OLD, needs=["person"])  # fmt: skip
def refresh_again(world: World) -> None:
    """The same refresh token twice."""
    first = world.tokens().refresh
    if world.refreshed(first).status != 200:
        raise CannotTell("there was no first refresh")
    world.refreshed(first).expect(200).text("access_token")


@check("token.refresh-several", "Several refresh tokens of a user are valid at once: the newest works, too.",
       evidence="documented-old", source=OLD, needs=["person"])  # fmt: skip
def refresh_several(world: World) -> None:
    """An older refresh token, and then the newer one."""
    first = world.tokens().refresh
    newer = as_text(world.refreshed(first), "refresh_token")
    if newer is None:
        raise CannotTell("there was no refresh")
    world.refreshed(newer).expect(200).text("access_token")


@check("token.users-apart", "A refresh of one user leaves the tokens of another alone.",
       evidence="documented", source=LIFECYCLE, needs=["another person"])  # fmt: skip
def users_apart(world: World) -> None:
    """Two users."""
    mine = world.tokens().access
    if user(world, mine).status != 200:
        raise CannotTell("the user's token does not work")
    form = {"grant_type": "authorization_code", "code": world.code(), "redirect_uri": world.target.redirect_uri}
    other = as_text(world.token(**form), "refresh_token")
    if other is None:
        raise CannotTell("the other person got no tokens")
    if as_text(world.token(grant_type="refresh_token", refresh_token=other), "access_token") is None:
        raise CannotTell("there was no refresh of the other person's tokens")
    user(world, mine).expect(200)


@check("token.access-expires", "An access token works until `expires_in` is over, and then is refused with 401.",
       evidence="documented", source=LIFECYCLE, needs=["person", "clock"])  # fmt: skip
def access_expires(world: World) -> None:
    """A token near its end and past it."""
    tokens = world.tokens()
    if world.refreshed(tokens.refresh).status != 200:
        raise CannotTell("there was no refresh")
    tokens = world.tokens()
    world.advance(tokens.lifetime - 60)
    user(world, tokens.access).expect(200)
    world.advance(120)
    user(world, tokens.access).expect(401)


@check("token.unknown-refresh", "An unknown refresh token is refused with 400 invalid_grant.",
       evidence="inferred", source=COMPONENTS)  # fmt: skip
def unknown_refresh(world: World) -> None:
    """A refresh token that never was."""
    refused(world.token(grant_type="refresh_token", refresh_token="conformance"), "invalid_grant")


@check("token.unknown-code", "An unknown code is refused with 400 invalid_grant.",
       evidence="inferred", source=COMPONENTS)  # fmt: skip
def unknown_code(world: World) -> None:
    """A code that never was."""
    form = {"grant_type": "authorization_code", "code": "conformance", "redirect_uri": world.target.redirect_uri}
    refused(world.token(**form), "invalid_grant")


@check("token.grant-types", "There is no client_credentials grant: 400 unsupported_grant_type.",
       evidence="observed", source="an integration that checked the sandbox in 2026")  # fmt: skip
def grant_types(world: World) -> None:
    """A grant type that Astra has not."""
    refused(world.token(grant_type="client_credentials"), "unsupported_grant_type")


@check("token.missing-parameter", "A missing grant type, code or refresh token is refused with 400 invalid_request.",
       evidence="inferred", source=COMPONENTS)  # fmt: skip
def missing_parameter(world: World) -> None:
    """Forms that lack something."""
    for form in ({}, {"grant_type": "authorization_code"}, {"grant_type": "refresh_token"}):
        refused(world.token(**form), "invalid_request")


@check("token.client-required", "The token endpoint refuses a call without the client's credentials: 401.",
       evidence="documented", source="reference/authorization")  # fmt: skip
def client_required(world: World) -> None:
    """No credentials."""
    world.token(auth=None, grant_type="refresh_token", refresh_token="conformance").expect(401)


@check("token.wrong-secret", "A wrong client secret is refused with 401 invalid_client.",
       evidence="observed", source="integrating code; the component `oauth_error`")  # fmt: skip
def wrong_secret(world: World) -> None:
    """A secret that is not the client's."""
    auth = world.basic(world.target.client_id, "conformance")
    refused(world.token(auth=auth, grant_type="refresh_token", refresh_token="conformance"), "invalid_client", 401)


@check("token.wrong-client", "An unknown client id is refused with 401 invalid_client.",
       evidence="observed", source="integrating code; the component `oauth_error`")  # fmt: skip
def wrong_client(world: World) -> None:
    """A client that is none."""
    auth = world.basic("conformance", "conformance")
    refused(world.token(auth=auth, grant_type="refresh_token", refresh_token="conformance"), "invalid_client", 401)


@check("token.basic-header", "The client's credentials are read from the Basic header, not from the form alone.",
       evidence="observed", source="all integrating code but one")  # fmt: skip
def basic_header(world: World) -> None:
    """Credentials in the form."""
    credentials = {"client_id": world.target.client_id, "client_secret": world.target.client_secret}
    world.call(
        "POST", TOKEN, auth=None, form={**credentials, "grant_type": "refresh_token", "refresh_token": "conformance"}
    ).expect(401)


@check("token.ten-days", "A refresh token works for ten days, and then is refused with 400 invalid_grant.",
       evidence="documented", source=LIFECYCLE, needs=["code", "clock"])  # fmt: skip
def ten_days(world: World) -> None:
    """A refresh token near its end and past it."""
    if world.refreshed(world.tokens().refresh).status != 200:
        raise CannotTell("there was no refresh")
    token = world.tokens().refresh
    world.advance(9.9 * DAY)
    world.refreshed(token).expect(200)
    world.advance(0.2 * DAY)
    late = world.token(grant_type="refresh_token", refresh_token=token)
    refused(late, "invalid_grant")


TOKENS = (
    answer,
    two_hours,
    code_once,
    code_redirect_uri,
    code_expires,
    refresh_rotates,
    one_access_token,
    new_one_works,
    refresh_again,
    refresh_several,
    users_apart,
    access_expires,
    unknown_refresh,
    unknown_code,
    grant_types,
    missing_parameter,
    client_required,
    wrong_secret,
    wrong_client,
    basic_header,
)
LAST = (ten_days,)
"""What leaves the user without tokens, or the clock far away."""
