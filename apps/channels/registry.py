"""Which connector speaks for which network: one line each."""

from apps.channels.connector import Connector
from apps.channels.connectors.archive.connector import ArchiveConnector
from apps.channels.connectors.generic.connector import GenericConnector
from apps.channels.connectors.square.connector import SquareConnector

_ALL: list[Connector] = [
    SquareConnector(),
    ArchiveConnector(),
    GenericConnector(),
]
CONNECTORS = {connector.network: connector for connector in _ALL}
RECEIVING_ONLY = [connector.network for connector in _ALL if connector.receives_only]
LISTING = [connector.network for connector in _ALL if connector.lists]
# What programs carry to the desk and from it, by the API: there is no account with a token.
BROUGHT_IN = [GenericConnector.network]


def connector_for(network: str) -> Connector:
    """Return the connector of a network; KeyError for one this desk does not speak."""
    return CONNECTORS[network]
