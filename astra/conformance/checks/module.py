"""The hosted module: what comes back to the redirect URI, and which links it refuses; and user intents."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from astra.conformance.hosted import open_page
from astra.conformance.outcome import CannotTell, Failed, check
from astra.conformance.world import World

LINKS = "reference/oauth-links-and-parameters"
STATUSES = ("pending", "approved", "retry", "document", "rejected", "suspended", "converted_to_user")


@check("authorize.state", "The redirect brings back the `state` of the link.",
       evidence="documented", source="reference/astra-web-app-sdk", needs=["code"])  # fmt: skip
def state(world: World) -> None:
    """The state after a consent."""
    person = world.onboarding()
    if person.answer.get("state") != [person.state]:
        raise Failed("the redirect does not have the state of the link")


@check("authorize.code", "The redirect brings the same code as `code` and as `authorization_code`.",
       evidence="observed", source="a redirect of Astra's sandbox, in integrating code", needs=["code"])  # fmt: skip
def code(world: World) -> None:
    """The code after a consent."""
    answer = world.onboarding().answer
    if not answer.get("code") or answer.get("code") != answer.get("authorization_code"):
        raise Failed(f"the redirect has {', '.join(sorted(answer))}, not one code under both names")


@check("authorize.declined", "A person who declines comes back with `error` and `state`, and without a code.",
       evidence="inferred", source="integrating code expects OAuth's form", needs=["decline"])  # fmt: skip
def declined(world: World) -> None:
    """The redirect after a refusal."""
    if world.means.decline is None:
        raise CannotTell("nobody is there to decline")
    where = world.means.decline(world.link(user_intent_id=world.intent().text("id"), state="conformance"))
    answer = parse_qs(urlsplit(where).query)
    if not answer.get("error") or answer.get("state") != ["conformance"] or "code" in answer:
        raise Failed(f"the redirect has {', '.join(sorted(answer))}, not `error` and `state`")


def refused_link(world: World, url: str, *, what: str) -> None:
    """Opens a link that must lead nowhere."""
    page = open_page(url, None, timeout=world.target.timeout)
    if "location" in page.headers:
        raise Failed(f"a link with {what} redirects")
    if page.status < 300:
        # A page that runs scripts can say so later; only a browser would see it.
        if b"<form" in page.content:
            raise Failed(f"a link with {what} shows the form")
        raise CannotTell(f"a link with {what} answers {page.status} with a page that only a browser can judge")
    # A module that is not there, or not now, refuses every link.
    right = open_page(world.link(), None, timeout=world.target.timeout)
    if right.status >= 400:
        raise CannotTell(f"a link with {what} answers {page.status}, and one without a mistake {right.status}")


@check("authorize.registered-redirect", "A link with a redirect URI that is not registered is refused.",
       evidence="documented", source=LINKS)  # fmt: skip
def registered_redirect(world: World) -> None:
    """A foreign redirect URI."""
    refused_link(world, world.link(redirect_uri="https://conformance.example/"), what="a foreign redirect_uri")


@check("authorize.known-client", "A link with an unknown client id is refused.", evidence="documented", source=LINKS)
def known_client(world: World) -> None:
    """An unknown client."""
    refused_link(world, world.link(client_id="conformance"), what="an unknown client_id")


@check("authorize.response-type", "A link must have the response type `code`.", evidence="documented", source=LINKS)
def response_type(world: World) -> None:
    """Another response type."""
    refused_link(world, world.link(response_type="token"), what="response_type=token")


@check("intent.created", "A user intent is answered 200 or 201 with its id, and can be read.",
       evidence="observed", source="reference/post_v1-user-intent; integrating code")  # fmt: skip
def created(world: World) -> None:
    """An intent that is made and read."""
    intent = world.intent().expect(200, 201)
    read = world.call("GET", "/v1/user_intent/{id}", auth="basic", id=intent.text("id")).expect(200)
    if read.text("id") != intent.text("id"):
        raise Failed(f"{read.name} has another id")
    if read.text("status") not in STATUSES:
        raise Failed(f"{read.name} has an undocumented status")


@check("intent.metadata", "Metadata of a user intent comes back with it.",
       evidence="documented", source="reference/custom-metadata")  # fmt: skip
def metadata(world: World) -> None:
    """Metadata that is read back."""
    sent = {"internal_customer_id": "conformance-1"}
    intent = world.intent(metadata=sent).expect(200, 201)
    read = world.call("GET", "/v1/user_intent/{id}", auth="basic", id=intent.text("id")).expect(200)
    if read.object().get("metadata") != sent:
        raise Failed(f"{read.name} does not have the metadata that were sent")


@check("intent.three-per-email", "The fourth user intent of one email address is refused with 400.",
       evidence="documented", source="reference/common-errors-responses")  # fmt: skip
def three_per_email(world: World) -> None:
    """Four intents of one address."""
    email = str(world.person()["email"])
    for _ in range(3):
        if world.intent(email=email).status not in (200, 201):
            raise CannotTell("the first three were refused, too")
    world.intent(email=email).expect(400)


@check("intent.null-address2", "`address2: null` is refused with 400; no second line is an empty string.",
       evidence="documented", source="reference/post_v1-user-intent")  # fmt: skip
def null_address2(world: World) -> None:
    """A null."""
    world.intent(address2=None).expect(400)


@check("intent.converted", "An intent whose person has authorized is `converted_to_user` and names the user.",
       evidence="documented", source="reference/user-statuses", needs=["code"])  # fmt: skip
def converted(world: World) -> None:
    """The intent of the run's user."""
    intent = world.call("GET", "/v1/user_intent/{id}", auth="basic", id=world.onboarding().intent).expect(200)
    if intent.text("status") != "converted_to_user":
        raise Failed(f"{intent.name} is not `converted_to_user`")
    if intent.text("user_id") != world.call("GET", "/v1/user").expect(200).text("id"):
        raise Failed(f"{intent.name} names another user")


MODULE = (
    state,
    code,
    declined,
    registered_redirect,
    known_client,
    response_type,
    created,
    metadata,
    three_per_email,
    null_address2,
    converted,
)
