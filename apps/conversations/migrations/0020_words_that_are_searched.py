import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Stretches of ids that are marked as words (`conversations.queries.searching.STRETCHES`).
STRETCHES = (13, 20)

ENTRY_WORDS = f"""
    CREATE FUNCTION desk_entry_words(id bigint, said text, name text, handle text)
    RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN desk_words(said) || array_to_tsvector(
        ARRAY[{", ".join(f"'~{bits}:' || (id >> {bits})::text" for bits in STRETCHES)}]
        || ARRAY(SELECT '@' || word FROM unnest(tsvector_to_array(
               desk_words(concat_ws(' ', left(name, 200), left(handle, 200))))) word)
    );
"""
NOTE_ALL = """
    INSERT INTO conversations_unsearched (message_id)
    SELECT id FROM conversations_message ORDER BY id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0002_what_a_channel_requires'),
        ('conversations', '0019_links_that_another_implies'),
        ('customers', '0004_words_that_are_searched'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('message', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='conversations.message')),
                ('direction', models.CharField(max_length=8)),
                ('words', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'verbose_name_plural': 'search entries',
            },
        ),
        migrations.CreateModel(
            name='Unsearched',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name_plural': 'unsearched',
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='stored_is_searched', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO conversations_unsearched (message_id) SELECT id FROM stored; RETURN NULL;', hash='2ce37e1524035ea96ce8d9529e61250b7c703222', level='STATEMENT', operation='INSERT', pgid='pgtrigger_stored_is_searched_cd58a', referencing='REFERENCING NEW TABLE AS stored ', table='conversations_message', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='changed_is_searched', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.text IS DISTINCT FROM NEW.text)', func='INSERT INTO conversations_unsearched (message_id) VALUES (NEW.id); RETURN NULL;', hash='433d3495f5bdcc5983d42754934366f18fd3d5c7', operation='UPDATE OF "text"', pgid='pgtrigger_changed_is_searched_f2e79', table='conversations_message', when='AFTER')),
        ),
        migrations.AddField(
            model_name='searchentry',
            name='channel',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='channels.channel'),
        ),
        migrations.AddField(
            model_name='unsearched',
            name='message',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='conversations.message'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=django.contrib.postgres.indexes.GinIndex(fields=['words'], name='search_entry_words'),
        ),
        migrations.RunSQL(ENTRY_WORDS, "DROP FUNCTION desk_entry_words"),
        migrations.RunSQL(NOTE_ALL, migrations.RunSQL.noop),
    ]
