"""Run a command with DATABASE_URL and REDIS_URL set.

Those that the environment names are used as they are; for each that is missing a server of our
own is started on a free port, with its data in a temporary folder, and ended afterwards.
POSTGRESQL_SETTINGS are those of that PostgreSQL: "shared_buffers=2GB max_wal_size=4GB".
"""

import contextlib
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

# Taken before the imports: importing Celery's app names the product's settings in there, and the
# command's tests would run with those instead of their own.
ENVIRONMENT = dict(os.environ)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.servers import postgresql, redis  # noqa: E402


def main(command: list[str]) -> int:
    with contextlib.ExitStack() as stack:
        environment = dict(ENVIRONMENT)
        settings = environment.pop("POSTGRESQL_SETTINGS", "").split()
        ours = {"DATABASE_URL": partial(postgresql, *settings), "REDIS_URL": redis}
        for name, server in ours.items():
            if not environment.get(name):
                environment[name] = stack.enter_context(server())
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
