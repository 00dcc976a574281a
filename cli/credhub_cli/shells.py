"""Completion scripts, made from the words that the parser knows."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What may follow `credhub` and these words; `values` of the options that take one of a few."""

    path: str
    subcommands: list[str]
    options: list[str]
    values: dict[str, list[str]]


def words_of(parser: argparse.ArgumentParser, path: str = "") -> Iterator[Words]:
    options: list[str] = []
    values: dict[str, list[str]] = {}
    subcommands: dict[str, argparse.ArgumentParser] = {}
    few: list[str] = []  # what a word of its own may be
    for action in parser._actions:
        options += [each for each in action.option_strings if each.startswith("--")]
        if isinstance(action.choices, dict):  # subcommands
            subcommands = dict(action.choices)
        elif action.choices:
            told = list(map(str, action.choices))
            values |= dict.fromkeys(action.option_strings, told)
            few += [] if action.option_strings else told
    yield Words(path, [*subcommands, *few], sorted(options), values)
    for name, inner in subcommands.items():
        yield from words_of(inner, f"{path} {name}".strip())


def bash(found: list[Words]) -> str:
    """zsh reads it too, with bashcompinit."""
    cases = "\n".join(
        f'    "{each.path}") words="{" ".join(each.subcommands + each.options)}" ;;' for each in found
    )
    values = "\n".join(
        f'    "{each.path} {option}") words="{" ".join(told)}" ;;'
        for each in found
        for option, told in each.values.items()
    )
    paths = "|".join(f'"{each.path}"' for each in found if each.path)
    return f"""_credhub() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} path="" word words=""
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "${{path:+$path }}$word" in {paths}) path="${{path:+$path }}$word" ;; esac
  done
  case "$path" in
{cases}
  esac
  case "$path ${{COMP_WORDS[COMP_CWORD-1]}}" in
{values}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _credhub credhub
"""


def zsh(found: list[Words]) -> str:
    return f"#compdef credhub\nautoload -Uz bashcompinit && bashcompinit\n{bash(found)}"


def fish(found: list[Words]) -> str:
    lines = ["complete -c credhub -f"]
    for each in found:
        first, _, second = each.path.partition(" ")
        needs = [f"__fish_seen_subcommand_from {word}" for word in (first, second) if word]
        deeper = [f"not __fish_seen_subcommand_from {' '.join(each.subcommands)}"] if each.subcommands else []
        where = "; and ".join([*needs, *deeper]) or "true"
        lines += [f"complete -c credhub -n '{where}' -a '{word}'" for word in each.subcommands]
        for option in each.options:
            told = f" -x -a '{' '.join(each.values[option])}'" if option in each.values else ""
            lines.append(f"complete -c credhub -n '{where}' -l '{option[2:]}'{told}")
    return "\n".join(lines) + "\n"


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}
