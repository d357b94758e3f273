"""What every benchmark of a server on this machine does: find a port, wait for an answer."""

from __future__ import annotations

import socket
import time
import urllib.request


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def wait_for(url: str, seconds: float) -> None:
    """Wait until something answers at `url`.

    Raises:
        OSError: if nothing has by then.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 an address made here
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return
