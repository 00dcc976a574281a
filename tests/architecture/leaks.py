"""Where something could leave: outgoing connections, the log, downloads, tasks, queries made of what was sent."""

import ast
from collections.abc import Iterator

from tests.architecture.sources import Source

NETWORK = (
    "requests",
    "urllib.request",
    "urllib3",
    "http.client",
    "socket",
    "smtplib",
    "ftplib",
    "httpx",
    "aiohttp",
)
# Who opens connections, and to whom
CONNECTS = {
    "organizations/outgoing.py": "what operators configure: identity and key providers, webhooks",
    "organizations/accounts.py": "names the failures of mail",
    "organizations/identity_provider.py": "the identity provider that is configured, its hosts alone",
    "organizations/views/identity_provider.py": "names the failures of it",
    "credentials/keys/transit.py": "the key provider that is configured",
    "credentials/child_process.py": "the program that reads uploads, over a pair of sockets",
    "credentials/parsing/nursery.py": "is that program",
    "appstore/client/reading.py": "Apple",
    "appstore/client/transport.py": "Apple",
    "appstore/client/failures.py": "names the failures of the client",
    "appstore/models/sync_run.py": "asks for this machine's name",
    "credhub/management/commands/up.py": "looks whether its own port is free",
    "credhub/management/commands/seed_demo.py": "the demo's sandbox, on this machine",
    "credhub/demo.py": "the demo's sandbox, on this machine",
}
SANDBOX = "appstore/sandbox/"  # listens, on this machine, and asks nobody
LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception"}
SENT = {"GET", "POST", "FILES", "COOKIES", "META", "headers", "body"}
RINGS = {"delay", "apply_async", "send_task", "delay_on_commit", "apply_async_on_commit"}


def outgoing(source: Source) -> Iterator[str]:
    """Only the two doors open connections."""
    if source.path in CONNECTS or source.path.startswith(SANDBOX):
        return
    for node, name in source.imports():
        if any(name == each or name.startswith(f"{each}.") for each in NETWORK):
            yield source.at(node, f"imports {name}: requests go through organizations/outgoing.py")


def log_events(source: Source) -> Iterator[str]:
    """The event of a log line is a word of ours, written there, and never a sentence with values in it."""
    if source.path.startswith(SANDBOX):
        return
    for call in source.calls():
        func = call.func
        if (
            isinstance(func, ast.Attribute)
            and func.attr in LOG_METHODS
            and source.dotted(func.value) in {"log", "logger", "self.log"}
            and not (call.args and isinstance(call.args[0], ast.Constant))
        ):
            yield source.at(call, "logs an event that is put together")


def file_names(source: Source) -> Iterator[str]:
    """Only organizations/downloads.py names what is downloaded."""
    if source.path == "organizations/downloads.py":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and str(node.value).lower() == "content-disposition":
            yield source.at(node, "names a download past organizations/downloads.py")
    for node, name in source.imports():
        if name.endswith(("content_disposition_header", "django.http.FileResponse")):
            yield source.at(node, f"imports {name}: downloads are made by organizations/downloads.py")


def messages_of_tasks(source: Source) -> Iterator[str]:
    """A message carries one id: `ring(…)` in appstore/doorbell.py and organizations/passwords.py."""
    for call in source.calls():
        if (
            isinstance(call.func, ast.Attribute)
            and call.func.attr in RINGS
            and source.path not in {"appstore/doorbell.py", "organizations/passwords.py"}
        ):
            yield source.at(call, "sends a message past the doorbell")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef) and _is_task(source, node):
            taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            if len(taken) > 1 or node.args.vararg or node.args.kwarg:
                yield source.at(node, "is a task that takes more than one id")
            if taken and ast.unparse(taken[0].annotation or ast.Constant(None)) not in {"str", "uuid.UUID"}:
                yield source.at(node, "is a task whose argument is no id")


def _is_task(source: Source, node: ast.FunctionDef) -> bool:
    made_by = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
    return any(source.dotted(each).rsplit(".", maxsplit=1)[-1] in {"shared_task", "task"} for each in made_by)


def queries(source: Source) -> Iterator[str]:
    """No query takes its keywords, its order or its aliases from a request."""
    if source.path.startswith(SANDBOX):  # has no database
        return
    for call in source.calls():
        for keyword in call.keywords:
            if keyword.arg is None and _is_sent(keyword.value):
                yield source.at(call, "takes keywords from the request")
        if isinstance(call.func, ast.Attribute) and call.func.attr in {
            "order_by",
            "alias",
            "annotate",
            "values",
        }:
            for argument in call.args:
                if _is_sent(argument):
                    yield source.at(call, "takes a column from the request")


def _is_sent(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Attribute) and each.attr in SENT for each in ast.walk(node))


def reveals(source: Source) -> Iterator[str]:
    """Secrets are opened by name where it is known what for."""
    if source.path in REVEALS:
        return
    for call in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"reveal", "reveal_together"}:
            yield source.at(call, "opens a secret")


REVEALS = {
    "appstore/clients.py": "to sign Apple's tokens",
    "appstore/identities.py": "a request's key, for the certificate that Apple made for it",
    "credentials/api/credentials.py": "for the machine that asked",
    "credentials/kinds/apple_certificate.py": "a request's key, for the certificate that Apple made for it",
    "appstore/signing/bundle.py": "for the machine that builds an app",
    "appstore/secure_files/opening.py": "for the machine that runs match, and once for a digest",
    "appstore/working_sets/opening.py": "for the person who asked for a set of them",
    "credentials/models/sealed_secret.py": "one is a set of one",
    "credentials/kinds/provisioning_profile.py": "profiles, which are no secret, for who may download assets",
    "credentials/views/reveal.py": "for the person who asked",
}
