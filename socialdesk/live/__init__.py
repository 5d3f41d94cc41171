"""The live process: tells open pages what changed, over Server-Sent Events.

Served by `granian --interface asginl --loop uvloop socialdesk.live:application`.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialdesk.settings")

from socialdesk.live.application import application

__all__ = ["application"]

django.setup()
