"""Pages of a list, and walking through all of them."""
