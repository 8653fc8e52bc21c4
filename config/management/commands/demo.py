"""Run a whole Halfpenny on this machine, with a pretend provider and made-up customers."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import demo


class Command(BaseCommand):
    help = "Run the demo: broker, pretend provider, web, worker and beat, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=demo.WEB_PORT, help="of the panel")
        parser.add_argument("--reset", action="store_true", help="start with fresh demo data")
        parser.add_argument("--empty", action="store_true", help="make no demo data")

    def handle(self, *args: Any, port: int, reset: bool, empty: bool, **options: Any) -> None:
        try:
            demo.start(port, reset=reset, data=not empty, say=self._say)
        except demo.Unstartable as error:
            raise CommandError(str(error)) from error

    def _say(self, line: str) -> None:
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except OSError:
            pass  # the terminal is gone; the children still have to be ended in order
