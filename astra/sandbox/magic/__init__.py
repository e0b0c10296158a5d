"""Magic values: what a request can say to choose how it ends."""
