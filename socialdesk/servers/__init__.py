"""The embedded PostgreSQL and Valkey: started on demand, shared, stopped by the last one out.

`hold()` is the whole of it for most callers. How it works: every process that needs the servers
writes itself into `DESK_HOME/servers.json` (register.py); each server runs in a session of its
own, from a folder of its own (place.py), by which it is known again whatever was lost.
"""

from socialdesk.servers.errors import ServersError
from socialdesk.servers.holding import clear_away, delete_data, heal, hold

__all__ = ["ServersError", "clear_away", "delete_data", "heal", "hold"]
