"""Which connector speaks for which network: one line each."""

from apps.channels.connector import Connector
from apps.channels.connectors.square.connector import SquareConnector

CONNECTORS: dict[str, Connector] = {
    connector.network: connector for connector in [SquareConnector()]
}


def connector_for(network: str) -> Connector:
    """Return the connector of a network; KeyError for one this desk does not speak."""
    return CONNECTORS[network]
