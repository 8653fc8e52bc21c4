"""`python -m tests.chaos --orders N --minutes M --seed S`: see docs/chaos.md."""

import argparse
import logging
import os
import secrets
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.gateway import Gateway
    from tests.support.servers import Cluster

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # One temporary folder holds everything; its name is short, for the broker's socket.
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        from tests.chaos.gateway import Gateway
        from tests.support.checkout import standing_in
        from tests.support.servers import cluster, free_port

        # As in production: what is committed stays, also when the server is killed.
        with cluster("fsync=on") as own, standing_in(Gateway) as gateway:
            web = f"127.0.0.1:{free_port()}"
            environment = _environment(Path(folder), own.url, web, gateway.url)
            os.environ.update(environment)
            return _run(options, Path(folder), own, gateway, environment)


def _run(
    options: argparse.Namespace,
    folder: Path,
    own: "Cluster",
    gateway: "Gateway",
    environment: dict[str, str],
) -> int:
    import django

    django.setup()
    logs = options.logs.resolve() if options.logs else folder / "log"
    _log_to(logs)

    from config.supervisor import ChildFailed, Stopped
    from tests.chaos import plan, story
    from tests.chaos.cast import Cast
    from tests.chaos.database import Database

    print(f"Chaos: {options.orders} orders in {options.minutes:g} min, SEED={options.seed}")
    try:
        drawn = plan.draw(options.seed, options.orders, options.minutes)
        web = f"http://{environment['WEB_BIND']}"
        cast = Cast(ROOT, folder, web, environment, logs=logs, database=Database(own))
        return story.run(drawn, cast, gateway, folder)
    except Stopped:
        print("Stopped.")
        return 130
    except (ChildFailed, RuntimeError) as error:
        print(f"{error} (--logs FOLDER keeps it.)", file=sys.stderr)
        return 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    option = parser.add_argument
    option("--orders", type=int, default=400, help="orders to place")
    option("--minutes", type=float, default=2, help="how long the trouble lasts")
    option("--seed", type=int, help="draws orders, faults and trouble; without it a new one")
    option("--logs", type=Path, help="folder that keeps the logs of every process")
    options = parser.parse_args()
    if options.orders < 1 or options.minutes <= 0:
        parser.error("at least one order, and some time")
    if options.seed is None:
        options.seed = secrets.randbelow(1_000_000)
    return options


def _environment(folder: Path, address: str, web: str, gateway: str) -> dict[str, str]:
    from config import embedded_broker

    return {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "CHAOS_CHECKOUT_URL": gateway,
        "HALFPENNY_ENV": "test",
        "HALFPENNY_ENV_FILE": os.devnull,
        "HALFPENNY_VAR": str(folder),
        "DATABASE_URL": address,
        "REDIS_URL": embedded_broker.url(folder),
        "DEBUG": "0",
        "HTTPS": "0",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        "WEB_BIND": web,
        "WEB_WORKERS": "1",
    }


def _log_to(logs: Path) -> None:
    """What this process logs goes where the others' logs go; the table stays alone."""
    logs.mkdir(parents=True, exist_ok=True)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream((logs / "play.txt").open("a"))


if __name__ == "__main__":
    sys.exit(main())
