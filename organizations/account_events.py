"""The one place that listens to signals, all of them django-allauth's or of its models: it offers no other door for
what happens to passwords and second factors. Connected when the app starts."""

from allauth.mfa.models import Authenticator
from django.db.models.signals import pre_save

from organizations import second_factors


def listen() -> None:
    pre_save.connect(second_factors.write_mac, sender=Authenticator, dispatch_uid="second-factor-mac")
