"""Texts that begin with, and texts that hold words, in the form each database has an index for."""

import re
from typing import TypeVar

from django.db import connection
from django.db.models import Model, Q, QuerySet

from orders.sql.databases import is_postgresql

M = TypeVar("M", bound=Model)


def prefix_range(prefix: str) -> tuple[str, str]:
    """Bounds `low <= column < high` that hold exactly the texts beginning with `prefix`."""
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


def begins_with(column: str, prefix: str) -> Q:
    """Rows whose text begins so, case and all, in the form that each database has an index for.

    PostgreSQL's pattern index answers LIKE; SQLite's LIKE looks past capitals and needs a range.
    """
    if is_postgresql():
        return Q(**{f"{column}__startswith": prefix})
    low, high = prefix_range(prefix)
    return Q(**{f"{column}__gte": low, f"{column}__lt": high})


COMMON = 10_000
"""Rows with some words, beyond which they are met soon by walking from the newest on."""


def with_words(rows: QuerySet[M], column: str, text: str) -> QuerySet[M]:
    """Rows whose `column` holds a word that begins so, for each word of the text; by newest id.

    PostgreSQL has an index of the words, which serves rare ones; SQLite looks through, and inside
    of words too.
    """
    words = re.findall(r"\w+", text)[:10]
    if not is_postgresql():
        for word in words:
            rows = rows.filter(**{f"{column}__icontains": word})
        return rows
    table, sought = rows.model._meta.db_table, [" & ".join(f"{word}:*" for word in words)]
    fits = f"to_tsvector('simple', {table}.{column}) @@ to_tsquery('simple', %s)"
    hits = f"SELECT id FROM {table} WHERE {fits}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({hits} LIMIT {COMMON + 1}) AS found", sought)
        is_common = cursor.fetchone()[0] > COMMON
    if is_common:  # written so that no index is chosen for it
        return rows.extra(where=[f"CASE WHEN {fits} THEN true ELSE false END"], params=sought)
    ids = f"WITH hit AS MATERIALIZED ({hits}) SELECT id FROM hit"
    return rows.extra(where=[f"{table}.id IN ({ids})"], params=sought)
