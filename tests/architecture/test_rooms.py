"""What import-linter and ruff cannot say of the rooms."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "core" / "python" / "sagewarden"
ALLOWED_IN_DOMAIN = {
    "bisect", "calendar", "collections", "csv",
    "dataclasses", "datetime", "decimal", "enum", "fnmatch", "fractions", "functools",
    "hashlib", "io", "itertools", "json", "math", "re", "sagewarden", "textwrap",
    "typing", "zoneinfo",
}  # fmt: skip


def imported_roots(path: Path) -> set[str]:
    """The top-level packages that a module imports."""
    roots = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            roots.add(node.module.partition(".")[0])
    return roots


def test_the_domain_imports_pure_parts_of_the_standard_library_only() -> None:
    modules = list((PACKAGE / "domain").rglob("*.py"))

    strangers = {
        path.name: extra for path in modules if (extra := imported_roots(path) - ALLOWED_IN_DOMAIN)
    }

    assert len(modules) > 10
    assert strangers == {}


def test_no_module_of_the_layer_opens_files_or_reads_the_environment_outside_the_adapters() -> None:
    pure = [*(PACKAGE / "domain").rglob("*.py"), *(PACKAGE / "application").rglob("*.py")]

    calls = {
        f"{path.name}:{node.lineno}"
        for path in pure
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"open", "print", "input", "exec", "eval"}
    }

    assert calls == set()


def test_the_command_line_starts_without_what_only_the_sandbox_needs() -> None:
    asked = (
        "import sys, sagewarden_cli.app; print(*{name.partition('.')[0] for name in sys.modules})"
    )

    imported = subprocess.run(  # noqa: S603 - our own line
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "sagewarden_cli" in imported
    assert {"moto", "flask", "werkzeug", "jinja2"}.isdisjoint(imported)
