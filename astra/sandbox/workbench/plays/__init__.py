"""The scenarios, each a test file as it is taken home: the workbench runs the very function that is exported."""
