import django.contrib.postgres.indexes
from django.db import migrations, models

import apps.common.words

# What stands between words; ASCII first, so that most texts need nothing else.
ASCII = "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum())
OTHERS = "«»“”‘’‚„–—·•¡¿、。「」『』【】《》〈〉・،؛؟।\u00a0\u200b\u200c"
MARKS = "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u200d\ufe00-\ufe0f]"
ALONE = (
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2600-\u27bf\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\U0001f000-\U0001faff\U00020000-\U0003ffff])"
)
# A text longer than this is searched by its beginning: the words of a row have a largest size.
SEARCHED_CHARACTERS = 20_000


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def spaces(characters):
    return quoted(" " * len(characters))


FUNCTIONS = f"""
    CREATE FUNCTION desk_folded(said text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN octet_length(said) = length(said)
        THEN translate(lower(left(said, {SEARCHED_CHARACTERS})), {quoted(ASCII)}, {spaces(ASCII)})
        ELSE regexp_replace(
            regexp_replace(
                translate(normalize(lower(left(said, {SEARCHED_CHARACTERS})), NFKD),
                          {quoted(ASCII + OTHERS)}, {spaces(ASCII + OTHERS)}),
                {quoted(MARKS)}, '', 'g'),
            {quoted(ALONE)}, ' \\1 ', 'g')
    END;

    CREATE FUNCTION desk_words(said text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, desk_folded(said));
"""


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0003_flags'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION desk_words; DROP FUNCTION desk_folded"),
        migrations.AddIndex(
            model_name='customer',
            index=django.contrib.postgres.indexes.GinIndex(apps.common.words.Words('name'), condition=models.Q(('name', ''), _negated=True), name='customer_words'),
        ),
    ]
