"""The seam to the generated code: what a generated module asks for is what is sent."""

from __future__ import annotations

from typing import Any

import httpx
from astra_api.api.user_intents import create_user_intent

import astra
from astra.http.operations import build_call


class WithHeaders:
    """A generated module whose operation has header parameters."""

    __name__ = create_user_intent.__name__

    def _get_kwargs(self) -> dict[str, Any]:
        return {
            "url": "/v1/user_intent",
            "json": {"a": 1},
            "headers": {
                "Astra-Version": "2",
                "Content-Type": "text/plain",
                "AUTHORIZATION": "Bearer x",
                "Host": "evil",
            },
        }

    def _parse_response(self, *, client: object, response: object) -> None: ...


def test_header_parameters_are_sent_and_never_replace_what_the_sdk_sets() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    with astra.Astra("id", "secret", http_client=httpx.MockTransport(answer)) as client:
        client._pipeline.call(build_call(WithHeaders()))
    (request,) = sent
    assert request.headers["Astra-Version"] == "2"
    assert request.headers.get_list("Content-Type") == ["application/json"]
    assert [value[:6] for value in request.headers.get_list("Authorization")] == ["Basic "]
    assert request.headers.get_list("Host") == ["api-sandbox.astra.finance"]
