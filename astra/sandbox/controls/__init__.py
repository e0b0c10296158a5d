"""What drives a sandbox: the same controls for one in this process and for one behind a URL."""
