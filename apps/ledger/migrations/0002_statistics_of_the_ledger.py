from django.db import migrations


class Migration(migrations.Migration):
    """As for messages: the ledger only grows, and its statistics would grow old."""

    dependencies = [
        ("ledger", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE ledger_event SET (autovacuum_analyze_scale_factor = 0.01,"
            " autovacuum_vacuum_insert_scale_factor = 0.02)",
            reverse_sql="ALTER TABLE ledger_event RESET (autovacuum_analyze_scale_factor,"
            " autovacuum_vacuum_insert_scale_factor)",
        )
    ]
