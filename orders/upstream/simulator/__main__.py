"""`python -m orders.upstream.simulator`: the pretend provider as a process of its own."""

import argparse
import errno
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from .faults import UnknownFault, parse
from .server import Simulator
from .settings import Pace, Settings
from .store import Journal, StoreError
from .world import World

DEFAULT_PORT = 8199
ENDING = (signal.SIGTERM, signal.SIGINT)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command, here and in `manage.py simulate_upstream`."""
    fresh = Settings()
    option = parser.add_argument
    option("--host", default="127.0.0.1", help="address to listen on")
    option("--port", type=int, default=DEFAULT_PORT, help="port to listen on; 0 takes a free one")
    option("--services", type=int, default=fresh.services, help="size of the catalog")
    option("--key", default=fresh.key, help="API key that it accepts")
    option("--balance", type=_amount, default=fresh.balance, help="money on account at first")
    option("--currency", default=fresh.currency)
    option("--seed", type=int, default=fresh.seed, help="what all chance is drawn from")
    speed = parser.add_mutually_exclusive_group()
    speed.add_argument("--speed", type=_positive, help="times the pace of a real provider")
    speed.add_argument("--minutes", type=_positive, help="about how long every order lives")
    option("--state", type=Path, help="file that keeps everything across restarts")
    option("--fresh", action="store_true", help="begin anew, whatever the state file holds")
    option("--faults", type=_faults, default={}, help="NAME=PROBABILITY,... (NAME@ACTION=...)")
    option("--hold-seconds", type=_positive, default=30, help="how long a time-out lasts")
    option("--gross-charge", action="store_true", help="leave `charge` when an order ends early")
    option("--refuse-duplicates", action="store_true", help="one open order a link and service")
    option("--idempotency-field", default="", help="parameter of `add` that makes it repeatable")
    option("--refill-wait-hours", type=float, default=0, help="refuse earlier refills")
    option("--standing-orders", type=int, default=0, help="open orders with the ids 1 to N")


def run(options: Mapping[str, Any], out: Any = sys.stdout) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. Prints one line when it is ready."""
    # Waited for, not handled: a handler that sets an Event while another one does so hangs on
    # the Event's lock. Blocked before any thread starts, so that no thread takes them.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        simulator = start(options)
    except (StoreError, OSError) as error:
        print(_explain(error, options), file=sys.stderr)
        return 1
    services = len(simulator.world.services)
    print(
        f"Simulator ready at {simulator.origin}/api/v2, {services} services", file=out, flush=True
    )
    signal.sigwait(ENDING)
    simulator.stop()
    return 0


def start(options: Mapping[str, Any]) -> Simulator:
    """A running simulator with those options. Raises StoreError, OSError."""
    journal = Journal(options.get("state"), options.get("fresh", False))
    world = World(settings_of(options), journal)
    world.faults.hold_seconds = options.get("hold_seconds") or 30
    for name, spec in (options.get("faults") or {}).items():
        world.faults.set(name, spec)
    simulator = Simulator(world, options.get("host") or "127.0.0.1", options.get("port") or 0)
    simulator.start()
    return simulator


def settings_of(options: Mapping[str, Any]) -> Settings:
    """The settings among the options; what is absent keeps its default."""
    pace = Pace(options.get("speed") or 1, options.get("minutes"))
    names = Settings.__dataclass_fields__.keys() - {"pace"}
    given = {name: options[name] for name in names if options.get(name) is not None}
    return replace(Settings(pace=pace), **given)


def _explain(error: Exception, options: Mapping[str, Any]) -> str:
    if isinstance(error, StoreError):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {options['port']} on {options['host']} is taken. Give another with --port."
    return f"The simulator cannot start: {error}"


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise argparse.ArgumentTypeError(f"{text} is not an amount of money")
    return amount


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return number


def _faults(text: str) -> dict[str, object]:
    try:
        return parse(text)
    except UnknownFault as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="simulate_upstream", description="A pretend provider.")
    add_arguments(parser)
    sys.exit(run(vars(parser.parse_args())))
