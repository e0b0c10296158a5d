"""The settings of Django in tests. A process can have them once, whichever test comes first."""

from __future__ import annotations

URLS = "astra_test_urls"
"""Name of the module that holds the URLs; a test puts its own there."""


def configure_django() -> None:
    """Sets Django up, unless another test has."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(ROOT_URLCONF=URLS, ALLOWED_HOSTS=["*"], SECRET_KEY="x", USE_TZ=True)
        django.setup()
