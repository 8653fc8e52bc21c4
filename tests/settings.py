"""The settings of the tests: those of the product, with data of their own and quick passwords.

`DATABASE_URL` and `REDIS_URL` choose the servers; a `.env` of this checkout is not read.
"""

import atexit
import os
import shutil
import tempfile

if "HALFPENNY_VAR" not in os.environ:
    # Children (xdist's workers, commands under test) inherit it, and only this process removes it.
    os.environ["HALFPENNY_VAR"] = tempfile.mkdtemp(prefix="halfpenny-tests-")
    atexit.register(shutil.rmtree, os.environ["HALFPENNY_VAR"], ignore_errors=True)
os.environ["HALFPENNY_ENV"] = "test"
os.environ["HALFPENNY_ENV_FILE"] = os.devnull
os.environ["SQLITE_SYNCHRONOUS"] = "OFF"
_worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
os.environ["BROKER_PREFIX"] = f"halfpenny-test-{_worker}:"

from config.settings import *  # noqa: E402, F403
from config.settings import CACHES, DATABASES, VAR  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Tests call as fast as they can; those of the limits set their own.
API_CALLS_PER_KEY = API_LISTS_PER_KEY = 1_000_000
API_CALLS_PER_ADDRESS = API_WRONG_KEYS_PER_ADDRESS = 1_000_000
# Static files are looked up when they are asked for: the test client builds the whole site anew for
# each visitor, and nearly none of them asks.
WHITENOISE_AUTOREFRESH = True
CACHES["default"]["KEY_PREFIX"] = f"halfpenny-test-{_worker}"

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, as in the product: an in-memory database locks in another way.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
