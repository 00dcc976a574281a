"""macOS's `security`, told over its standard input: what stands in a command line, every process can read."""

import subprocess

from credhub_cli.errors import CliError, Exit


def line(*words: str) -> str:
    """One command as `security -i` reads it."""
    if any(ord(letter) < 32 for word in words for letter in word):
        raise CliError(Exit.FAILED, "unexpected", "There is a control character in a name or password.")
    return " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)


def tell(*lines: str) -> None:
    """Each line is a process of its own, because `security -i` goes on after a command that failed."""
    for each in lines:
        done = subprocess.run(
            ["security", "-i"], input=each + "\n", text=True, capture_output=True, check=False, timeout=60
        )
        if done.returncode or ": returned " in done.stderr:
            doing = each.split('"')[1]
            raise CliError(
                Exit.FAILED, "keychain", f"macOS refused “security {doing}”. Is the keychain unlocked?"
            )


def ask(*words: str) -> str:
    """For what holds no secret in its words. Raises CliError."""
    done = subprocess.run(["security", *words], text=True, capture_output=True, check=False, timeout=60)
    if done.returncode:
        raise CliError(
            Exit.FAILED, "keychain", f"macOS refused “security {words[0]}”. Is the keychain unlocked?"
        )
    return done.stdout
