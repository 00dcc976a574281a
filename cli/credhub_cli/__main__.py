"""`python -m credhub_cli`"""

from credhub_cli.main import console

console()
