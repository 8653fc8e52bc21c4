"""Operations for migrations that run beside the panel at work (docs/operations.md)."""

from typing import Any

from django.db.migrations import AddIndex, RemoveIndex


class _Online:
    """A schema editor that builds and drops indexes while rows are read and written."""

    def __init__(self, editor: Any):
        self._editor = editor
        self.connection = editor.connection

    def add_index(self, model: Any, index: Any) -> None:
        # One that was ended half way left an invalid index behind.
        name = self._editor.quote_name(index.name)
        self._editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        self._editor.add_index(model, index, concurrently=True)

    def remove_index(self, model: Any, index: Any) -> None:
        self._editor.remove_index(model, index, concurrently=True)


def _online(editor: Any) -> Any:
    return _Online(editor) if editor.connection.vendor == "postgresql" else editor


class AddIndexOnline(AddIndex):
    """An index that is built while rows are written. Its migration needs `atomic = False`."""

    atomic = False

    def database_forwards(self, app: str, editor: Any, before: Any, after: Any) -> None:
        super().database_forwards(app, _online(editor), before, after)

    def database_backwards(self, app: str, editor: Any, before: Any, after: Any) -> None:
        super().database_backwards(app, _online(editor), before, after)


class RemoveIndexOnline(RemoveIndex):
    """Takes an index away without waiting for those who read. It needs `atomic = False`, too."""

    atomic = False

    def database_forwards(self, app: str, editor: Any, before: Any, after: Any) -> None:
        super().database_forwards(app, _online(editor), before, after)

    def database_backwards(self, app: str, editor: Any, before: Any, after: Any) -> None:
        super().database_backwards(app, _online(editor), before, after)
