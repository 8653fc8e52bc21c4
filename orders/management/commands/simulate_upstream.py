"""A pretend provider on a port, for trying things out (docs/simulator.md)."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from orders.upstream.simulator.__main__ import add_arguments, run


class Command(BaseCommand):
    """`manage.py simulate_upstream --port P`: the simulator in a process of its own."""

    help = "Run a pretend upstream provider that speaks API v2."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run(options, self.stdout))
