"""The table of the grants in SQL, and how that of release 0.1.0 becomes today's, with all its rows."""

from __future__ import annotations

from typing import Final

from astra.storage.sql import sa

VERSION: Final = 2
"""1: release 0.1.0, whose table has no note of its version. 2: grants belong to an environment and a client id."""


NAME: Final = sa.String(255).with_variant(sa.Text(), "postgresql")
"""Names have at most 255 characters; some databases of PostgreSQL count bytes, and text costs the same there."""


def grants_table(metadata: sa.MetaData, *, name: str = "astra_grants") -> sa.Table:
    """The table of the grants, for your own migrations.

    Args:
        metadata: where to put it.
        name: its name.

    Example:
        grants_table(Base.metadata)     # and pass create_table=False to SQLStore
    """
    return sa.Table(
        name,
        metadata,
        sa.Column("environment", NAME, primary_key=True, server_default=""),
        sa.Column("client_id", NAME, primary_key=True, server_default=""),
        sa.Column("key", NAME, primary_key=True),
        sa.Column("access_token", sa.Text, nullable=False),
        sa.Column("access_expires_at", sa.Double, nullable=False),
        sa.Column("refresh_token", sa.Text, nullable=False),
        sa.Column("refresh_expires_at", sa.Double, nullable=False),
        sa.Column("astra_user_id", NAME),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("refreshed_at", sa.Double, nullable=False),
        sa.Column("generation", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", sa.Double, nullable=False, server_default="0"),
        sa.Column("dead_since", sa.Double),
        sa.Column("dead_reason", sa.String(64)),
        sa.Column("attempted_at", sa.Double, nullable=False, server_default="0"),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", sa.Double, nullable=False, server_default="0"),
        sa.Index(f"{name}_user", "environment", "client_id", "astra_user_id"),
        sa.Index(f"{name}_due", "environment", "client_id", "state", "next_attempt_at", "refreshed_at"),
    )


def upgrade(connection: sa.Connection, table: sa.Table) -> None:
    """Brings a table of schema 1 to schema 2, in the transaction of the caller. Its rows belong to nobody then.

    Args:
        connection: a connection in a transaction.
        table: the table as it is to be.
    """
    inspector = sa.inspect(connection)
    write = connection.dialect.identifier_preparer
    for index in inspector.get_indexes(table.name):
        if index["name"] and index["column_names"] in (["astra_user_id"], ["state", "refreshed_at"]):
            connection.exec_driver_sql(f"DROP INDEX {write.quote(index['name'])}")
    if connection.dialect.name == "postgresql":
        _alter(connection, table, inspector)
    else:
        _rebuild(connection, table, inspector)


def _alter(connection: sa.Connection, table: sa.Table, inspector: sa.Inspector) -> None:
    """In place, because a new table would lose the privileges of other roles."""
    write = connection.dialect.identifier_preparer
    name, present = write.format_table(table), {column["name"] for column in inspector.get_columns(table.name)}
    for column in table.columns:
        if column.name not in present:
            text = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {text}")
    for column in (table.c.key, table.c.astra_user_id):
        kind = column.type.compile(connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {name} ALTER COLUMN {write.format_column(column)} TYPE {kind}")
    former = inspector.get_pk_constraint(table.name)["name"]
    columns = ", ".join(write.format_column(column) for column in table.primary_key)
    drop = f"DROP CONSTRAINT {write.quote(former)}, " if former else ""
    connection.exec_driver_sql(f"ALTER TABLE {name} {drop}ADD PRIMARY KEY ({columns})")
    for index in table.indexes:
        index.create(connection)


def _rebuild(connection: sa.Connection, table: sa.Table, inspector: sa.Inspector) -> None:
    """Through a new table, because most databases cannot change a primary key."""
    write = connection.dialect.identifier_preparer
    name, former = write.format_table(table), write.quote(f"{table.name}_1")
    columns = ", ".join(write.quote(column["name"]) for column in inspector.get_columns(table.name))
    connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {former}")
    table.create(connection)
    connection.exec_driver_sql(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {former}")  # noqa: S608
    connection.exec_driver_sql(f"DROP TABLE {former}")
