"""A client that was made, and used, before a fork works in the children, and its parent does not notice."""

KEY = "customer-0"
