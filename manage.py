#!/usr/bin/env python
"""CredHub's command line. `manage.py help` lists the commands."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credhub.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from credhub.first_start import FirstStartError, make_missing_keys

    try:
        for line in make_missing_keys(os.environ):
            print(line, file=sys.stderr)  # noqa: T201 - before logging is set up
        execute_from_command_line(sys.argv)
    except (FirstStartError, ImproperlyConfigured) as error:
        print(f"CredHub cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
