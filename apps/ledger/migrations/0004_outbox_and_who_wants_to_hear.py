from django.db import migrations, models


class Migration(migrations.Migration):
    """Events know their team; who outside wants to hear of them gets a row of the outbox each."""

    dependencies = [
        ("ledger", "0003_events_about_customers"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="team_id",
            field=models.BigIntegerField(help_text="Whose it was then.", null=True),
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[("event_id", models.BigIntegerField(primary_key=True, serialize=False))],
            options={"verbose_name_plural": "outbox"},
        ),
        migrations.CreateModel(
            name="Interest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("team_id", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["kind", "team_id"], name="interest_once", nulls_distinct=False
                    )
                ]
            },
        ),
    ]
