"""Where grants are kept. One blocking protocol, several homes; `open_store` picks one by URL."""
