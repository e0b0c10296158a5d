"""Stores of states: memory, SQLite, SQL, Redis. They keep which person a link was made for until its redirect comes."""
