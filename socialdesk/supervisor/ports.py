"""Whether the addresses the desk needs are to be had."""

import errno
import socket

import psutil

from socialdesk.servers import ServersError


def require_free(variable: str, *, host: str, port: int) -> None:
    """Raise ServersError, naming who is there, when `variable`'s port can't be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            other = f"or choose another: {variable}={_elsewhere(port)} make up"
            if error.errno == errno.EADDRINUSE:
                raise ServersError(
                    f"Port {port} is taken by another program{_listener(port)}; stop it {other}"
                ) from error
            raise ServersError(
                f"Port {port} of {host} can't be had ({error.strerror}); allow it {other}"
            ) from error


def _elsewhere(port: int) -> int:
    return port + 100 if port >= 1024 else 8100


def _listener(port: int) -> str:
    """Say who listens, as far as we may know."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        here = connection.laddr and connection.laddr.port == port
        if here and connection.status == psutil.CONN_LISTEN:
            return f" (pid {connection.pid})" if connection.pid else ""
    return ""
