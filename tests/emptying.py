"""Emptying the database after a test that committed: only the tables that hold anything.

Django truncates all of them and writes its own rows anew, which takes long.
"""

from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql

DJANGOS_OWN = {"django_migrations", "django_content_type", "auth_permission", "django_site"}


def empty_quickly() -> None:
    """Have every test that commits leave its database empty this way."""
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def _empty(_case: TransactionTestCase) -> None:
    """Wait for whoever still writes, then delete: past foreign keys and rows that must stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        names = [n for n in connection.introspection.table_names(cursor) if n not in DJANGOS_OWN]
        tables = [sql.Identifier(name) for name in names]
        cursor.execute(sql.SQL("LOCK {}").format(sql.SQL(", ").join(tables)))
        cursor.execute("SET LOCAL session_replication_role = replica")
        held = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), table)
            for name, table in zip(names, tables, strict=True)
        )
        cursor.execute(held)
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
