"""Authorization: links to Astra's hosted pages, the redirect that comes back, the exchange of its code."""

from astra._public import publish
from astra.oauth.redirects import STATE_NOT_CHECKED, Redirect

__all__ = ["STATE_NOT_CHECKED", "Redirect"]

publish(__name__, __all__)
