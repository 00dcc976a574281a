"""One command a module."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from credhub_cli.commands import (
    completion,
    doctor,
    eas_pull,
    eas_push,
    ensure,
    import_files,
    import_match,
    keys,
    login,
    logout,
    run,
    signing_fetch,
    signing_install,
    signing_uninstall,
    sync,
    whoami,
)
from credhub_cli.context import Context


@dataclass(frozen=True)
class Command:
    """`run` returns the exit code, or raises CliError."""

    name: str
    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Context], int]
    takes_command: bool = False


COMMANDS = (
    Command("login", "keep an address and a token", login.arguments, login.run),
    Command("logout", "forget them", logout.arguments, logout.run),
    Command("whoami", "the organization and the token", whoami.arguments, whoami.run),
    Command("keys", "App Store Connect API keys", keys.arguments, keys.run),
    Command("sync", "sync a team with Apple", sync.arguments, sync.run),
    Command("ensure", "make at Apple what an app needs to be signed", ensure.arguments, ensure.run),
    Command("signing fetch", "signing assets as files", signing_fetch.arguments, signing_fetch.run),
    Command(
        "signing install",
        "signing assets where Xcode finds them",
        signing_install.arguments,
        signing_install.run,
    ),
    Command(
        "signing uninstall", "take away what install made", signing_uninstall.arguments, signing_uninstall.run
    ),
    Command(
        "run",
        "a command with signing assets, for as long as it runs",
        run.arguments,
        run.run,
        takes_command=True,
    ),
    Command("credentials.json pull", "write what EAS builds with", eas_pull.arguments, eas_pull.run),
    Command("credentials.json push", "upload what EAS builds with", eas_push.arguments, eas_push.run),
    Command("import match", "take over a match repository", import_match.arguments, import_match.run),
    Command("import files", "take over a folder of credentials", import_files.arguments, import_files.run),
    Command("doctor", "what stands in the way", doctor.arguments, doctor.run),
    Command("completion", "completion for a shell", completion.arguments, completion.run),
)
