"""The source tree as the architecture test reads it: syntax trees, and nothing is imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("organizations", "credentials", "appstore", "credhub")  # each imports itself and those before it


@dataclass(frozen=True)
class Source:
    """One Python file. `path` is relative to the repository."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def app(self) -> str:
        return self.path.split("/", maxsplit=1)[0]

    def at(self, node: ast.AST, words: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)} {words}"

    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """Every import with its whole dotted name, inside functions and `if TYPE_CHECKING` too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node, each.name) for each in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node, f"{self._stem(node)}.{each.name}") for each in node.names)

    def _stem(self, node: ast.ImportFrom) -> str:
        """`from ..words import x` in appstore/client/a.py: `appstore.words`."""
        if not node.level:
            return node.module or ""
        folders = self.path.split("/")[: -node.level]
        return ".".join([*folders, *([node.module] if node.module else [])])

    @cached_property
    def names(self) -> dict[str, str]:
        """Local name → dotted name of what was imported under it."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                found.update(
                    {each.asname or each.name: f"{self._stem(node)}.{each.name}" for each in node.names}
                )
            elif isinstance(node, ast.Import):
                found.update({each.asname: each.name for each in node.names if each.asname})
        return found

    def dotted(self, node: ast.expr) -> str:
        """`crypto.unseal` where that was imported → `credentials.crypto.unseal`; "" for what is no plain name."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            stem = self.dotted(node.value)
            return f"{stem}.{node.attr}" if stem else ""
        return ""

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


def product_sources() -> list[Source]:
    """Every Python file of the four apps but for migrations."""
    paths = sorted(
        path for app in APPS for path in (ROOT / app).rglob("*.py") if path.parent.name != "migrations"
    )
    return [Source(str(path.relative_to(ROOT)), path.read_text()) for path in paths]


def our_files() -> list[Path]:
    """Everything that people wrote: product, templates, styles, scripts, tests. Not migrations, not lock files."""
    folders = [*APPS, "cli", "templates", "tests", "bin", ".ci"]
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    suffixes = {".py", ".html", ".css", ".js", ".txt", ""}
    return sorted(
        path for path in found
        if path.suffix in suffixes and not {"migrations", "__pycache__", "static_root"} & set(path.parts)
    )  # fmt: skip
