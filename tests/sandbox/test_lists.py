"""The envelope of lists: what `count` says, and how the last page looks."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from astra import Astra
from astra.sandbox import Sandbox
from astra.tokens import TokenAnswer
from tests.names import our_names


@pytest.mark.parametrize("of_all", [False, True])
@pytest.mark.parametrize("size", [0, 10, 25, 45])
def test_the_count_is_that_of_the_page_or_of_the_list_and_the_last_page_says_that_it_is(
    of_all: bool, size: int
) -> None:
    with Sandbox() as sandbox, Astra(sandbox.client_id, sandbox.client_secret, base_url=sandbox.url) as client:
        sandbox.set_quirks(count_of_all=of_all)
        (seeded,) = sandbox.seed(users=1, transfers=size, authorized=True)
        bodies: list[Any] = []
        query: dict[str, Any] = {"page_size": 10}
        with httpx.Client(base_url=sandbox.url, trust_env=False, transport=our_names()) as http:
            http.headers["Authorization"] = f"Bearer {seeded.access_token}"
            while not bodies or bodies[-1]["cursor"] is not None:
                bodies.append(http.get("/v1/transfers", params=query).json())
                query["cursor"] = bodies[-1]["cursor"]
        lengths = [len(body["transfers"]) for body in bodies]
        assert [body["count"] for body in bodies] == [size if of_all else length for length in lengths]
        assert sum(lengths) == size
        assert [body["more"] for body in bodies] == [True] * (len(bodies) - 1) + [False]
        answer = TokenAnswer(access_token=str(seeded.access_token), expires_in=7200, refresh_token="rt")
        client.tokens.store_answer("customer-42", answer)
        assert len({transfer.id for transfer in client.user("customer-42").transfers.list(page_size=10)}) == size
