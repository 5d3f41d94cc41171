"""What programs may be let in for. Each acts for a person, with that person's rights."""

from collections.abc import Mapping

READ, WRITE, INBOUND, MANAGE = "read", "write", "inbound", "manage"
SCOPES: Mapping[str, str] = {
    READ: "Read whatever the person who answers for the program may read",
    WRITE: "Draft, note, take, assign, tag, snooze and resolve, as that person may",
    INBOUND: "Bring in messages of generic channels",
    MANAGE: "Change the desk itself, as that person may: people, shifts, teams, policies, webhooks",
}
