"""What may be shown of an address."""

from __future__ import annotations

import pytest

from astra.doctor.addresses import secrets_in, shown_id, shown_origin, shown_redirect, shown_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///tokens.db", "sqlite:///tokens.db"),
        (" sqlite:////var/a@b/x.db ", "sqlite:////var/a@b/x.db"),
        ("jsonl:////var/a@b.jsonl?retention_days=90", "jsonl:////var/a@b.jsonl?..."),
        ("postgresql://db:5432/app", "postgresql://db:5432/app"),
        ("postgresql://db/app?password=s3cret", "postgresql://db/app?..."),
        ("postgresql://app:s3cret@db:5432/app", "postgresql://db:5432/app"),
        ("postgresql://app:s3cret@db/app?sslmode=require", "postgresql://db/app?..."),
        ("postgresql://app:a@b@db/app", "postgresql://..."),
        ("postgresql://app:a/b@db/app", "postgresql://..."),
        ("postgresql://app:a?b@db/app", "postgresql://..."),
        ("postgresql://app:a#b@db/app", "postgresql://..."),
        ("postgresql://db/app?password=a@b", "postgresql://..."),
        ("redis://s3cret@cache:6379/0", "redis://cache:6379/0"),
        ("redis://:s3cret@cache:6379/0", "redis://cache:6379/0"),
        ("s3cret", "(not a URL)"),
    ],
)
def test_a_url_is_shown_without_user_password_and_options(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        (" postgresql://app:s%203cret@db/app ", {"s%203cret", "s 3cret"}),
        (" postgresql://app@db/app", set[str]()),
        ("postgres://app@db/app", set[str]()),
        ("postgresql+psycopg://app@db/app", set[str]()),
        ("mysql://app@db/app", set[str]()),
        ("redis://s%203cret@cache", {"s%203cret", "s 3cret"}),
        ("redis://user:s3cret@cache", {"s3cret"}),
        ("redis://:s3:cret@cache", {"s3:cret"}),
        ("redis://user:@cache", set[str]()),
        ("http://user:s3cret@proxy:3128", {"s3cret"}),
        ("postgresql://app:a@b@db/app", {"a@b"}),
        ("postgresql://db/app?sslPASSword=s3cret&sslmode=x", {"s3cret"}),
        ("postgresql://db/app?a=b&my_token=s3cret", {"s3cret"}),
        ("https://a.example/?client_secret=s3%3Dcret", {"s3%3Dcret", "s3=cret"}),
        ("https://a.example/?c_secret=a=b", {"a=b"}),
        ("https://a.example/token=x", set[str]()),
        ("text", set[str]()),
        ("token=x", set[str]()),
    ],
)
def test_what_may_be_secret_in_a_url_is_found_as_written_and_decoded(url: str, secrets: set[str]) -> None:
    assert {text for text in secrets_in(url) if text} == secrets


def test_a_redirect_is_shown_without_the_values_of_its_query() -> None:
    assert shown_redirect("https://a.example/b?key=s3cret") == "https://a.example/b?..."
    assert shown_redirect("https://a.example/b") == "https://a.example/b"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:s3cret@proxy:3128/x", "http://proxy:3128"),
        ("http://proxy", "http://proxy"),
        ("http://proxy:x", ""),
        ("http://", ""),
    ],
)
def test_of_a_proxy_scheme_host_and_port_are_shown(url: str, shown: str) -> None:
    assert shown_origin(url) == shown


def test_a_long_id_is_shown_shortened() -> None:
    assert shown_id("1234567890123456") == "1234567890123456"
    assert shown_id("12345678901234567") == "123456...4567"
