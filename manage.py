#!/usr/bin/env python
"""Every command of the desk: `manage.py help` lists them."""

import os
import sys

from socialdesk.servers import command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialdesk.settings")
    command_line.run(sys.argv)
