"""The web entrance: `gunicorn config.wsgi`, and runserver's too."""

import os

from django.core.wsgi import get_wsgi_application

from config import watchman

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
# Each gunicorn worker imports this after its fork, since nothing is preloaded.
watchman.start()
