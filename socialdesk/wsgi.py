"""The web process: Django under WSGI."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialdesk.settings")
application = get_wsgi_application()
# What is loaded by now stays: no page waits while all of it is looked through for what is gone.
gc.collect()
gc.freeze()
