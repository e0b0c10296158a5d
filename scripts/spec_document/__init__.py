"""Reading OpenAPI documents: from files or git revisions, operation by operation, with references resolved."""
