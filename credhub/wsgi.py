"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from credhub import last_resort
from credhub.charset import utf8_alone
from credhub.stack_room import roomy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credhub.settings")
application = roomy(utf8_alone(get_wsgi_application()))
last_resort.install()

from credhub.checks import refuse_wrong_keys  # noqa: E402 - the checks need Django set up

refuse_wrong_keys()
