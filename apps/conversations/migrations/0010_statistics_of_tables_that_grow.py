from django.db import migrations

TABLES = (
    "conversations_thread",
    "conversations_conversation",
    "conversations_message",
    "conversations_clock",
)


class Migration(migrations.Migration):
    """By default a table of 100 million rows is looked at again after 10 million new ones."""

    dependencies = [
        ("conversations", "0009_only_indexes_that_are_read"),
    ]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} SET (autovacuum_analyze_scale_factor = 0.01,"
            " autovacuum_vacuum_insert_scale_factor = 0.02)",
            reverse_sql=f"ALTER TABLE {table} RESET (autovacuum_analyze_scale_factor,"
            " autovacuum_vacuum_insert_scale_factor)",
        )
        for table in TABLES
    ]
