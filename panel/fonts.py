"""Serves Inter, one variable font, out of the package that ships it, as `fonts/Inter.ttf`."""

from collections.abc import Iterable, Iterator
from typing import Any

import fontpkg
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NAME = "Inter.ttf"
PREFIX = "fonts"


class InterStorage(FileSystemStorage):
    """One read-only file under a name of our own."""

    prefix = PREFIX

    def path(self, name: str) -> str:
        return str(fontpkg.path("inter"))


class InterFinder(BaseFinder):
    """A staticfiles finder for the font; list it in `STATICFILES_FINDERS`."""

    storage = InterStorage()

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [self.storage.path(NAME)] if path == f"{PREFIX}/{NAME}" else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        yield NAME, self.storage
