"""The project package: settings, processes, and the commands that run them."""

from socialdesk.celery import app as celery_app

__all__ = ["celery_app"]
