from datetime import date

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0001_rollups'),
    ]

    operations = [
        migrations.AddField(
            model_name='counting',
            name='summed_until',
            # All months before are there already; those since are summed by the next sweep.
            field=models.DateField(default=date(2026, 11, 1), help_text='The first of the first month that is read from its days.'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='counting',
            name='rests_until',
            field=models.DateTimeField(help_text='When the sweep may count again.', null=True),
        ),
    ]
