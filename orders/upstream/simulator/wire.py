"""Faults of the connection: what happens before a request is handled, and to its answer.

Each works on the handler of one connection; True means that there is nothing more to answer.
"""

import os
import select
import socket
import struct
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server import Handler

BAD_GATEWAY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad "
    b"Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
PHP_NOISE = (
    b'\xef\xbb\xbf<br />\n<b>Warning</b>:  Undefined array key "provider" in '
    b"<b>/var/www/panel/Api.php</b> on line <b>214</b><br />\n"
)
LOOK_EVERY = 0.1


def before(handler: "Handler", faults: dict[str, int], hold_seconds: float) -> bool:
    """What befalls a request that the provider never handles."""
    if "latency" in faults:
        time.sleep(faults["latency"] / 1000)
    if "refuse_connection" in faults:
        reset(handler)
    elif "timeout_before" in faults:
        hold(handler, hold_seconds)
    elif "html_502_before" in faults:
        handler.reply(502, BAD_GATEWAY, "text/html")
    elif "redirect" in faults:
        handler.reply(302, b"", "text/html", location="https://example.com/login")
    else:
        return False
    return True


def after(handler: "Handler", faults: dict[str, int], hold_seconds: float, body: bytes) -> bool:
    """What befalls the answer to a request that the provider did handle."""
    if "timeout_after" in faults:
        hold(handler, hold_seconds)
    elif "reset_after" in faults:
        reset(handler)
    elif "html_502_after" in faults:
        handler.reply(502, BAD_GATEWAY, "text/html")
    elif "empty_body" in faults:
        handler.reply(200, b"")
    elif "php_noise" in faults:
        handler.reply(200, PHP_NOISE + body, "text/html")
    else:
        return False
    return True


def reset(handler: "Handler") -> None:
    """Cut the connection with a TCP reset."""
    handler.close_connection = True
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    os.close(handler.connection.detach())


def hold(handler: "Handler", seconds: float) -> None:
    """Say nothing until the client leaves, the time is over, or the simulator stops."""
    handler.close_connection = True
    until = time.monotonic() + seconds
    while time.monotonic() < until and not handler.server.simulator.stopping.is_set():
        readable, _, _ = select.select([handler.connection], [], [], LOOK_EVERY)
        if readable and not handler.connection.recv(1, socket.MSG_PEEK):
            return
        if readable:
            time.sleep(LOOK_EVERY)
