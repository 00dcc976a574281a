"""Which way imports go."""

from collections.abc import Iterator

from tests.architecture.sources import APPS, Source

# What a module is, by the second word of its dotted name. What is not here is domain: models and the modules with
# their rules, which import each other and nothing of what stands in front of them.
RANKS = {
    "forms": 2, "templatetags": 2,
    "views": 3, "tasks": 3,
    "admin": 4, "admin_base": 4, "api": 4,
    "urls": 5,
    "apps": 6, "management": 6,
}  # fmt: skip
DOMAIN, WIRING = 1, 6
PURE = (
    "credentials.crypto",
    "credentials.hkdf",
    "credentials.keys",
    "credentials.making",
    "credentials.parsing",
    "appstore.client",
    "appstore.sandbox",
    "organizations.errors",
    "organizations.words",
)
ABOVE_PURE = ("django", "celery", "kombu", "allauth", "environ", "organizations", "credhub")


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _is_within(dotted: str, packages: tuple[str, ...]) -> bool:
    return any(dotted == each or dotted.startswith(f"{each}.") for each in packages)


def _rank(dotted: str) -> int:
    words = dotted.split(".")
    if words[0] == "credhub":
        return WIRING
    return RANKS.get(words[1], DOMAIN) if len(words) > 1 else DOMAIN


def between_apps(source: Source) -> Iterator[str]:
    """credhub → appstore → credentials → organizations; nobody imports credhub."""
    for node, name in source.imports():
        target = name.split(".", maxsplit=1)[0]
        if target in APPS and APPS.index(target) > APPS.index(source.app):
            yield source.at(node, f"imports {name}: {source.app} knows nothing of {target}")
        elif target == "importlib" and source.app != "credhub":
            yield source.at(node, "imports by a name that this test cannot read")


def within_apps(source: Source) -> Iterator[str]:
    """Domain ← forms ← views, tasks ← admin, api ← urls ← wiring; tasks and admin are nobody's to import."""
    own = _dotted(source.path)
    for node, name in source.imports():
        if name.split(".", maxsplit=1)[0] not in APPS:
            continue
        if _rank(name) > _rank(own):
            yield source.at(node, f"imports {name}, which stands in front of it")
        elif _is_within(name, tuple(f"{app}.tasks" for app in APPS)):
            yield source.at(node, f"imports {name}: tasks are rung, never called")
        elif ".admin." in f"{name}." and ".admin." not in f"{own}.":
            yield source.at(node, f"imports {name}: the admin is a surface and not a library")


def pure(source: Source) -> Iterator[str]:
    """crypto, parsing, client and sandbox import no framework and nothing of ours but one another."""
    if not _is_within(_dotted(source.path), PURE):
        return
    for node, name in source.imports():
        target = name.split(".", maxsplit=1)[0]
        if target in (*ABOVE_PURE, *APPS) and not _is_within(name, PURE):
            yield source.at(
                node, f"imports {name}: this module is pure, settings and rows reach it as arguments"
            )
