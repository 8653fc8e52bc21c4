"""How gunicorn serves the panel; WEB_BIND, WEB_WORKERS and WEB_THREADS may change it."""

import logging
import os
from typing import Any

from gunicorn.glogging import Logger

from config.logs import without_keys

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 10_000
max_requests_jitter = 1_000
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None

# %(U)s is the path without its query: links to orders and keys of the API never reach a log.
accesslog = "-"
access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


class WithoutKeys(Logger):
    """gunicorn's own logs, in which the paths of tracking addresses end before the key."""

    def atoms(self, *request: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(*request)
        return atoms | {"U": without_keys(atoms["U"])}

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.addFilter(_without_keys)


def _without_keys(record: logging.LogRecord) -> bool:
    record.args = without_keys(record.args)
    return True


logger_class = WithoutKeys
