"""The web entrance: `gunicorn config.wsgi`, and runserver's too."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from config import garbage, watchman

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Every page's code is there before the first request, and before it is settled.
get_resolver().url_patterns  # noqa: B018
garbage.settle()
# Each gunicorn worker imports this after its fork, since nothing is preloaded.
watchman.start()
