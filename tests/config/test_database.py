"""What every connection to PostgreSQL is told."""

import pytest
from django.db import connection


@pytest.mark.services
@pytest.mark.django_db
def test_queries_are_limited_and_never_compiled():
    told = {}
    with connection.cursor() as cursor:
        for name in ("lock_timeout", "statement_timeout", "jit"):
            cursor.execute(f"SHOW {name}")
            told[name] = cursor.fetchone()[0]
    assert told == {"lock_timeout": "5s", "statement_timeout": "1min", "jit": "off"}
