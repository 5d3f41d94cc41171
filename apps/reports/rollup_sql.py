"""The statements that count cells: each takes `days` and `teams`, and writes what differs.

Where nothing was counted before, `is_from_nothing`, nothing is looked for to be taken out.
"""

from typing import LiteralString

_FACTS: LiteralString = """
    cell AS MATERIALIZED (
        SELECT * FROM unnest(%(days)s::date[], %(teams)s::bigint[]) AS cell (day, team_id)
    ), wait AS MATERIALIZED (
        SELECT cell.day, cell.team_id, clock.*,
               (clock.stop IN ('reply', 'resolved'))::int AS counted,
               clock.started_at AT TIME ZONE %(zone)s AS local
        FROM conversations_clock clock
        JOIN channels_channel channel ON channel.id = clock.channel_id
        JOIN cell ON cell.team_id = channel.team_id
            AND cell.day = (clock.started_at AT TIME ZONE %(zone)s)::date
        WHERE clock.kind IN ('first_response', 'next_response', 'resolution')
          AND clock.started_at >= %(starts_at)s AND clock.started_at < %(ends_at)s
          AND clock.stopped_at IS NOT NULL
    ), measured AS MATERIALIZED (
        SELECT day, team_id, conversation_id, channel_id, kind::text, credited_to_id AS agent_id,
               surface::text, language::text, local, counted,
               (stop = 'no_reply_needed')::int AS dismissed,
               coalesce(stopped_at <= due_at, false)::int AS met,
               coalesce(stopped_at > due_at, false)::int AS breached,
               CASE WHEN counted = 1 THEN round(customer_seconds * 1e6)::bigint END AS microseconds,
               CASE WHEN counted = 1 THEN desk_seconds END AS desk_seconds
        FROM wait
        UNION ALL
        SELECT day, team_id, conversation_id, channel_id, 'pause', credited_to_id, surface,
               language, local, 1, 0, 0, 0, round(paused_seconds * 1e6)::bigint, NULL
        FROM wait WHERE kind = 'resolution' AND counted = 1 AND paused_seconds > 0
        UNION ALL
        SELECT cell.day, cell.team_id, message.conversation_id, message.channel_id,
               message.direction, message.author_id, message.surface, message.language,
               message.posted_at AT TIME ZONE %(zone)s, 1, 0, 0, 0, NULL, NULL
        FROM conversations_message message
        JOIN channels_channel channel ON channel.id = message.channel_id
        JOIN cell ON cell.team_id = channel.team_id
            AND cell.day = (message.posted_at AT TIME ZONE %(zone)s)::date
        WHERE message.posted_at >= %(starts_at)s AND message.posted_at < %(ends_at)s
          AND message.direction IN ('inbound', 'outbound')
    ), fact AS MATERIALIZED (
        SELECT *,
               ((extract(isodow FROM local) - 1) * 24 + extract(hour FROM local))::int
                   AS hour_of_week,
               ('1e' || %(digits)s * width_bucket(
                   (microseconds / 1e6)::float8, %(beginnings)s::float8[]))::numeric AS weight,
               ('1e' || %(digits)s * width_bucket(
                   desk_seconds::float8, %(beginnings)s::float8[]))::numeric AS desk_weight
        FROM measured
    ), leg AS MATERIALIZED (
        SELECT day, team_id, channel_id, leg.kind,
               round(extract(epoch FROM leg.until - leg.since) * 1e6)::bigint AS microseconds,
               ('1e' || %(digits)s * width_bucket(
                   extract(epoch FROM leg.until - leg.since)::float8,
                   %(beginnings)s::float8[]))::numeric AS weight
        FROM wait,
             LATERAL (VALUES
                 ('detect', started_at, received_at), ('queue', received_at, assigned_at),
                 ('read', assigned_at, read_at), ('write', read_at, sent_at),
                 ('deliver', sent_at, stopped_at)) AS leg (kind, since, until)
        WHERE wait.kind <> 'resolution' AND wait.sent_at IS NOT NULL
    ), line AS (
        SELECT day, team_id, kind,
               CASE WHEN grouping(channel_id) = 0 THEN 'channel'
                    WHEN grouping(agent_id) = 0 THEN 'agent'
                    WHEN grouping(surface) = 0 THEN 'surface'
                    WHEN grouping(language) = 0 THEN 'language'
                    WHEN grouping(hour_of_week) = 0 THEN 'hour_of_week'
                    ELSE 'all' END AS dimension,
               coalesce(channel_id::text, agent_id::text, surface, language, hour_of_week::text)
                   AS value,
               sum(counted) AS count, sum(dismissed) AS dismissed, sum(met) AS met,
               sum(breached) AS breached, sum(microseconds) AS microseconds,
               sum(desk_seconds) AS desk_seconds, sum(weight) AS histogram,
               sum(desk_weight) AS desk_histogram
        FROM fact
        GROUP BY day, team_id, kind, GROUPING SETS (
            (), (channel_id), (agent_id), (surface), (language), (hour_of_week))
        UNION ALL
        SELECT day, team_id, kind, 'tag', tag.tag_id::text, sum(counted), sum(dismissed), sum(met),
               sum(breached), sum(microseconds), sum(desk_seconds), sum(weight), sum(desk_weight)
        FROM fact LEFT JOIN conversations_conversationtag tag USING (conversation_id)
        GROUP BY day, team_id, kind, tag.tag_id
        UNION ALL
        SELECT day, team_id, kind,
               CASE WHEN grouping(channel_id) = 0 THEN 'channel' ELSE 'all' END, channel_id::text,
               count(*), 0, 0, 0, sum(microseconds), 0, sum(weight), 0
        FROM leg GROUP BY day, team_id, kind, GROUPING SETS ((), (channel_id))
    ), fresh AS MATERIALIZED (
        SELECT 'day' AS span, day AS first, team_id, kind, dimension, coalesce(value, '') AS value,
               count, dismissed, met, breached, coalesce(microseconds, 0) AS microseconds,
               coalesce(desk_seconds, 0) AS desk_seconds, coalesce(histogram, 0) AS histogram,
               coalesce(desk_histogram, 0) AS desk_histogram
        FROM line
    ), place AS (
        SELECT 'day' AS span, day AS first, team_id FROM cell
    )
"""

_MONTHS: LiteralString = """
    place AS MATERIALIZED (
        SELECT 'month' AS span, first, team_id
        FROM unnest(%(days)s::date[], %(teams)s::bigint[]) AS month (first, team_id)
    ), fresh AS MATERIALIZED (
        SELECT place.span, place.first, place.team_id, day.kind, day.dimension, day.value,
               sum(count) AS count, sum(dismissed) AS dismissed, sum(met) AS met,
               sum(breached) AS breached, sum(microseconds) AS microseconds,
               sum(desk_seconds) AS desk_seconds, sum(histogram) AS histogram,
               sum(desk_histogram) AS desk_histogram
        FROM place
        JOIN reports_rollup day ON day.span = 'day' AND day.team_id = place.team_id
            AND day.dimension = ANY(%(dimensions)s) AND day.kind = ANY(%(kinds)s)
            AND day.first >= place.first AND day.first < place.first + interval '1 month'
        GROUP BY 1, 2, 3, 4, 5, 6
    )
"""

_STORE: LiteralString = """
    gone AS (
        DELETE FROM reports_rollup old
        USING place
        WHERE NOT %(is_from_nothing)s
          AND old.dimension = ANY(%(dimensions)s) AND old.kind = ANY(%(kinds)s)
          AND old.span = place.span AND old.first = place.first AND old.team_id = place.team_id
          AND (old.dimension, old.kind, old.span, old.first, old.team_id, old.value) NOT IN (
              SELECT dimension, kind, span, first, team_id, value FROM fresh)
    )
    INSERT INTO reports_rollup AS old
        (dimension, kind, span, first, team_id, value, count, dismissed, met, breached,
         microseconds, desk_seconds, histogram, desk_histogram)
    SELECT dimension, kind, span, first, team_id, value, count, dismissed, met, breached,
           microseconds, desk_seconds, histogram, desk_histogram
    FROM fresh ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (dimension, kind, span, first, team_id, value) DO UPDATE
    SET count = excluded.count, dismissed = excluded.dismissed, met = excluded.met,
        breached = excluded.breached, microseconds = excluded.microseconds,
        desk_seconds = excluded.desk_seconds, histogram = excluded.histogram,
        desk_histogram = excluded.desk_histogram
    WHERE (old.count, old.dismissed, old.met, old.breached, old.microseconds, old.desk_seconds,
           old.histogram, old.desk_histogram)
        IS DISTINCT FROM (excluded.count, excluded.dismissed, excluded.met, excluded.breached,
                          excluded.microseconds, excluded.desk_seconds, excluded.histogram,
                          excluded.desk_histogram)
"""

DAYS: LiteralString = "WITH " + _FACTS + ", " + _STORE
"""Count cells from clocks and messages."""

MONTHS: LiteralString = "WITH " + _MONTHS + ", " + _STORE
"""Sum months, named by their firsts, from their days."""
