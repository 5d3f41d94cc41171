"""Where the time of the demo's answers went: invented, as all of it is.

Its people answered on Square itself, so the desk saw nobody open or write anything; the dashboard
would have nothing to say of it. How long each part took follows from the row's id, so that every
demo is alike.
"""

from django.db import connection

SPREAD = """
    UPDATE conversations_clock clock
    SET received_at = part.received_at, assigned_at = part.assigned_at, read_at = part.read_at,
        sent_at = part.sent_at
    FROM (
        SELECT id, started_at + way AS received_at, started_at + way + queue * room AS assigned_at,
               started_at + way + (queue + read) * room AS read_at, stopped_at - way AS sent_at
        FROM (
            SELECT id, started_at, stopped_at,
                   least((stopped_at - started_at) * 0.04, interval '1.5 seconds') AS way,
                   stopped_at - started_at
                       - 2 * least((stopped_at - started_at) * 0.04, interval '1.5 seconds')
                       AS room,
                   0.05 + (id * 37 % 97) / 250.0 AS queue,
                   0.04 + (id * 53 % 89) / 400.0 AS read
            FROM conversations_clock
            WHERE stop = 'reply' AND kind IN ('first_response', 'next_response')
              AND sent_at IS NULL
        ) whole
    ) part
    WHERE clock.id = part.id
"""


def spread() -> None:
    """Divide every answered wait into its legs."""
    with connection.cursor() as cursor:
        cursor.execute(SPREAD)
