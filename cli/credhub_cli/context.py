"""What every command is given."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from credhub_cli.client import Client
from credhub_cli.output import Output
from credhub_cli.sign_in import SignIn, current

T = TypeVar("T")


@dataclass
class Context:
    args: argparse.Namespace
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    command_line: list[str] = field(default_factory=list)  # what stands behind `--`

    @cached_property
    def out(self) -> Output:
        return Output(as_json=self.option("json", default=False))

    @cached_property
    def sign_in(self) -> SignIn:
        return current(self.environ, self.option("url", default=""))

    @cached_property
    def client(self) -> Client:
        return self.client_for(self.sign_in.url, self.sign_in.token)

    def client_for(self, url: str, token: str) -> Client:
        return Client(url, token, ca_file=self.option("ca_file", default=""))

    def option(self, name: str, *, default: T) -> T:
        found: T = getattr(self.args, name, default)
        return found
