"""What every answer has in common: envelopes, request ids, statuses, pages."""

import httpx
import pytest
from astra_api.operations import OPERATIONS

from astra.sandbox import Options, Sandbox
from astra.sandbox.handlers import HANDLERS


def test_every_answer_has_its_own_request_id(person):
    answers = [person.http.get(path) for path in ("/v1/user", "/v1/user", "/v1/nowhere", "/v1/accounts?page_size=1")]
    ids = [answer.headers["Request-Id"] for answer in answers]
    assert len(set(ids)) == 4
    assert all(ids)


def test_unknown_paths_wrong_methods_and_other_formats(person):
    not_found = person.http.get("/v1/nowhere")
    assert (not_found.status_code, not_found.json()["code"], not_found.json()["name"]) == (404, 404, "Not Found")
    wrong = person.http.post("/v1/user")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET")
    html = person.http.get("/v1/user", headers={"Accept": "text/html"})
    assert (html.status_code, html.json()["name"]) == (406, "Not Acceptable")
    assert person.http.get("/v1/accounts/").status_code == 404
    assert person.http.get("/v1/accounts/x/y/z").status_code == 404


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b'{"a": NaN}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"a": 1}', "text/plain"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
    ],
)
def test_a_body_that_is_not_a_json_object_is_a_400(person, content, kind):
    answer = person.http.post("/v1/routines", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.json()["name"] == "Bad Request"


def test_amounts_beyond_reason_are_a_400(person):
    for amount in ("1e999", "-1e999", "9" * 400):
        body = f'{{"amount": {amount}}}'.encode()
        answer = person.http.post("/v1/routines", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["description"]["amount"] == ["Not a valid number."]


def pages(person, path, **query):
    query.setdefault("page_size", 10)
    cursor = None
    while True:
        page = person.get(path, **query, **({"cursor": cursor} if cursor else {}))
        yield page
        cursor = page["cursor"]
        assert page["more"] is (cursor is not None)
        if cursor is None:
            return


def test_pages_are_newest_first_and_lose_nothing(person):
    made = [person.pay(amount=number + 1)["id"] for number in range(23)]
    listed = [page["routines"] for page in pages(person, "/v1/routines")]
    assert [len(page) for page in listed] == [10, 10, 3]
    assert [routine["id"] for page in listed for routine in page] == made[::-1]
    assert person.get("/v1/transfers")["count"] == 23


def test_something_new_or_gone_between_two_pages_hides_nothing(person):
    made = [person.pay(type="recurring", frequency="weekly")["id"] for _ in range(21)]
    seen = []
    for number, page in enumerate(pages(person, "/v1/routines")):
        seen += [routine["id"] for routine in page["routines"]]
        if number == 0:
            person.pay()
            person.http.delete(f"/v1/routines/{seen[-1]}")
    assert seen == made[::-1]


@pytest.mark.parametrize("query", ["page_size=9", "page_size=101", "page_size=x", "page_size=", "cursor=nonsense"])
def test_bad_page_queries_are_a_400(person, query):
    answer = person.http.get(f"/v1/transfers?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["description"]) == [query.split("=")[0]]


def test_the_default_page_has_25(sandbox, program):
    seeded = sandbox.seed(users=1, transfers=60, authorized=True)[0]
    headers = {"Authorization": f"Bearer {seeded.access_token}"}
    page = httpx.get(f"{sandbox.url}/v1/transfers", headers=headers, trust_env=False).json()
    assert (len(page["transfers"]), page["count"], page["more"]) == (25, 25, True)


def test_the_eligibility_list_is_paged_and_filtered(program):
    first = program.http.get("/v1/instant_payment_eligibility", params={"page_size": 100}).json()
    second = program.http.get(
        "/v1/instant_payment_eligibility", params={"page_size": 100, "cursor": first["cursor"]}
    ).json()
    banks = first["instant_payment_eligibility"] + second["instant_payment_eligibility"]
    assert (len(banks), second["more"]) == (125, False)
    one = program.http.get(
        "/v1/instant_payment_eligibility", params={"routing_number": banks[0]["routing_number"]}
    ).json()
    assert one["instant_payment_eligibility"] == banks[:1]


def test_cards_and_accounts_are_made_on_the_secure_host_only(card_body, bank_body):
    with Sandbox(options=Options(strict_secure_host=True)) as sandbox:
        assert sandbox.secure_url != sandbox.url
        seeded = sandbox.seed(users=1, authorized=True)[0]
        with httpx.Client(headers={"Authorization": f"Bearer {seeded.access_token}"}, trust_env=False) as http:
            for path, body in (("/v1/cards", {**card_body, "added_by_user": True}), ("/v1/accounts/create", bank_body)):
                assert http.post(f"{sandbox.url}{path}", json=body).status_code == 405
                assert http.post(f"{sandbox.secure_url}{path}", json=body).status_code == 201
            assert http.get(f"{sandbox.secure_url}/v1/user").status_code == 404
            assert http.get(f"{sandbox.url}/v1/user").status_code == 200


def test_every_operation_of_the_spec_is_here(program):
    assert HANDLERS.keys() == OPERATIONS.keys()
    for operation in OPERATIONS.values():
        path = operation.path.replace("{", "").replace("}", "")
        answer = httpx.request(operation.method, f"{program.sandbox.url}{path}", trust_env=False)
        assert answer.status_code == 401, operation.id
        assert answer.json()["error"] in ("missing_authorization", "invalid_client")
