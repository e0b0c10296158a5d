"""What is done with the distributions before they are published: `make release-check`, `lowest`, `newest`, `beside`."""
