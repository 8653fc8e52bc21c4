"""How gunicorn serves the panel; WEB_BIND, WEB_WORKERS and WEB_THREADS may change it."""

import os
from pathlib import Path
from typing import Any

import environ
import structlog
from gunicorn.glogging import Logger

from config import logs

# As the settings do, which are read too late for what follows.
environ.Env.read_env(os.environ.get("HALFPENNY_ENV_FILE", Path(__file__).parent.parent / ".env"))

log = structlog.get_logger(__name__)

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 30  # as long as a provider is given to answer a page
keepalive = 5
max_requests = 10_000
max_requests_jitter = 1_000
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None

accesslog = "-"  # or no request's line is asked for
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


class StructuredLogger(Logger):
    """gunicorn's own lines in the shape of all others, without queries and without keys.

    A request's line is written by the thread that answered it, so it says what its others say: its
    id, who asked, about which order.
    """

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.formatter(logs.format_of(os.environ)))

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """One line a request."""
        atoms = self.atoms(resp, req, environ, request_time)
        log.info(
            "request",
            method=atoms["m"],
            path=atoms["U"],
            status=int(atoms["s"]),
            bytes=atoms["B"] or 0,
            ms=int(atoms["M"]),
            address=atoms["h"],
        )


logger_class = StructuredLogger
