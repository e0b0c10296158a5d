"""The spec keeps its promises: valid, complete, graded, and its examples are true to their schemas."""

from __future__ import annotations

import astra_api.operations
import pytest

from scripts.spec_document.guesses import properties
from scripts.spec_document.money import moves_money
from scripts.spec_document.walk import operations, reach, references, resolve
from tests.spec.documents import all_properties, bodies, example_values, spec

# Writes near money of which the reference says that they move none.
HARMLESS = {"preview_routine"}
NEAR_MONEY = ("/v1/routines", "/v1/transfers", "/v1/batch_transfers", "/v1/payment_instruments")
GRADES = {"documented", "documented-old", "observed", "inferred"}
DOCUMENTED_ERRORS = ["400", "401", "403", "404", "405", "406", "410", "418", "429", "500", "503"]
SECRETS = {
    "access_token",
    "refresh_token",
    "code",
    "token",
    "ssn",
    "ein",
    "card_number",
    "card_security_code",
    "account_number",
    "processor_token",
}
OPERATIONS = operations(spec())
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)


def test_the_spec_is_valid_openapi() -> None:
    from openapi_spec_validator import validate  # takes seconds, and every worker reads this file

    validate(spec())


def test_the_generated_table_has_every_operation_as_the_spec_has_it() -> None:
    ours = {
        operation.id: (operation.node["tags"], operation.method.upper(), operation.path, operation.node["security"])
        for operation in OPERATIONS
    }
    assert len(ours) == len(OPERATIONS) > 0
    assert ours == {
        name: ([row.tag], row.method, row.path, [{row.auth: []}])
        for name, row in astra_api.operations.OPERATIONS.items()
    }


def test_every_tag_that_is_declared_is_used_and_none_else() -> None:
    assert {tag["name"] for tag in spec()["tags"]} == {
        tag for operation in OPERATIONS for tag in operation.node["tags"]
    }


def takes_amount(operation) -> bool:
    """Whether the body of an operation has an amount, at any depth."""
    reached = [resolve(spec(), {"$ref": reference}) for reference in reach(spec(), operation.node.get("requestBody"))]
    return any("amount" in dict(properties(schema)) for schema in reached if isinstance(schema, dict))


@every_operation
def test_a_write_says_whether_it_moves_money_and_one_near_money_does(operation) -> None:
    if operation.method == "get":
        assert not moves_money(operation)
        return
    assert isinstance(operation.node["x-money"], bool)
    if (takes_amount(operation) or operation.path.startswith(NEAR_MONEY)) and operation.id not in HARMLESS:
        assert moves_money(operation)


@every_operation
def test_an_operation_says_its_credential_evidence_slug_and_statuses(operation) -> None:
    node = operation.node
    assert node["security"] in ([{"basic": []}], [{"bearer": []}])
    assert node["x-evidence"] in GRADES
    assert node["x-astra-slug"].startswith(f"{operation.method}_v1-")
    assert [status for status in node["responses"] if status >= "400"] == sorted(DOCUMENTED_ERRORS)
    assert any(status.startswith("2") for status in node["responses"])
    for status, response in node["responses"].items():
        assert "Request-Id" in resolve(spec(), response)["headers"], status


@every_operation
def test_an_operation_takes_one_content_type(operation) -> None:
    content = operation.node.get("requestBody", {}).get("content", {"": None})
    assert len(content) == 1
    for response in operation.node["responses"].values():
        assert len(resolve(spec(), response).get("content", {"": None})) == 1


@every_operation
def test_the_slug_is_the_path_with_hyphens(operation) -> None:
    path = operation.path.removeprefix("/v1/").replace("{", "").replace("}", "")
    assert operation.node["x-astra-slug"] == f"{operation.method}_v1-" + path.replace("/", "-").replace("_", "-")


def test_only_the_two_documented_operations_live_on_the_secure_host() -> None:
    secure = {operation.id for operation in OPERATIONS if operation.node.get("x-host") == "secure"}
    assert secure == {"create_card", "create_account"}
    for operation in OPERATIONS:
        servers = [server["url"] for server in operation.node.get("servers", [])]
        assert all(url.startswith("https://secure.api") for url in servers)
        assert bool(servers) == (operation.id in secure)


def test_a_delete_succeeds_with_200_or_204_and_no_body() -> None:
    for operation in OPERATIONS:
        if operation.method == "delete":
            for status in ("200", "204"):
                assert "content" not in resolve(spec(), operation.node["responses"][status])


@pytest.mark.parametrize(("place", "node"), list(all_properties()), ids=[place for place, _ in all_properties()])
def test_a_property_says_how_sure_it_is(place: str, node: dict) -> None:
    assert node.get("x-evidence") in GRADES
    if node.get("x-guess"):
        assert node["x-evidence"] == "inferred"
        assert node["x-why"]
    if place.rsplit(".", 1)[1] in SECRETS and "status" not in place and not place.startswith("GenericError"):
        assert node.get("x-secret") is True or node.get("type") == "integer"


def test_every_parameter_and_enum_says_how_sure_it_is() -> None:
    for operation in OPERATIONS:
        for parameter in operation.parameters:
            assert parameter["x-evidence"] in GRADES
    for name, schema in spec()["components"]["schemas"].items():
        if "enum" in schema:
            assert schema["x-evidence"] in GRADES, name


def errors_of(value: object, schema: dict) -> list[str]:
    from jsonschema import Draft202012Validator  # takes two seconds, and every worker reads this file

    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize(("place", "media"), list(bodies()), ids=[place for place, _ in bodies()])
def test_every_body_has_examples_and_they_are_valid(place: str, media: dict) -> None:
    examples = dict(example_values(media))
    assert examples
    schema = {"components": spec()["components"], **media["schema"]}
    for name, value in examples.items():
        assert errors_of(value, schema) == [], (place, name)


def test_an_example_that_breaks_its_schema_would_be_noticed() -> None:
    schema = {"components": spec()["components"], "$ref": "#/components/schemas/Transfer"}
    broken = {"id": 5, "amount": "20", "status": "pending"}
    assert len(errors_of(broken, schema)) == 2


def test_examples_name_only_fields_that_their_schema_knows() -> None:
    def known(schema: dict) -> set[str] | None:
        schema = resolve(spec(), schema)
        names: set[str] = set(schema.get("properties", {}))
        for part in [*schema.get("allOf", []), *schema.get("anyOf", [])]:
            names |= known(part) or set()
        return names

    for place, media in bodies():
        for name, value in example_values(media):
            assert set(value) <= (known(media["schema"]) or set()), (place, name)


def test_every_reference_leads_somewhere_and_no_component_is_idle() -> None:
    used = set(references(spec()))
    for reference in used:
        assert resolve(spec(), {"$ref": reference}) != {}
    for section in ("schemas", "parameters", "responses", "headers", "examples"):
        for name in spec()["components"][section]:
            assert f"#/components/{section}/{name}" in used, f"{section}/{name}"


def test_each_webhook_type_has_a_webhook_and_its_example_names_it() -> None:
    types = spec()["components"]["schemas"]["WebhookType"]["enum"]
    assert list(spec()["webhooks"]) == types or set(spec()["webhooks"]) == set(types)
    for name, item in spec()["webhooks"].items():
        media = item["post"]["requestBody"]["content"]["application/json"]
        assert {value["webhook_type"] for _, value in example_values(media)} == {name}


def test_money_is_declared_as_decimal_everywhere() -> None:
    for place, node in all_properties():
        kind = node.get("type")
        if kind == "number" or (isinstance(kind, list) and "number" in kind):
            assert node["format"] == "decimal", place


def test_enum_keys_differ_after_sanitising() -> None:
    for name, schema in spec()["components"]["schemas"].items():
        keys = ["".join(c for c in value.upper() if c.isalnum()) for value in schema.get("enum", [])]
        assert len(keys) == len(set(keys)), name
        for alias, value in schema.get("x-enum-aliases", {}).items():
            assert {alias, value} <= set(schema["enum"])
