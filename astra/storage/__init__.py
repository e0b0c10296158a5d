"""Durable storage: the only package that imports sqlite3, SQLAlchemy, psycopg and redis.

It owns what is the same for everything that is kept: URLs, connections, time limits, forks, schema versions, and the
translation of driver errors. Token stores, request logs and de-duplication stores keep their tables and statements.
"""
