"""Authorization: links to Astra's hosted pages, the redirect that comes back, the exchange of its code."""
