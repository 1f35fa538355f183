"""The layer as `sam build` leaves it."""

from pathlib import Path

import pytest

from sagewarden_cli.stack.building import Built

pytestmark = pytest.mark.stack

UNCHECKED = 0b01
"""The flags of a module that was compiled for its text, and is not compared with it (PEP 552)."""

MOST_MEGABYTES = 20


@pytest.fixture(scope="module")
def layer(sagewarden: Built) -> Path:
    return sagewarden.directory / "CoreLayer/python"


def flags_of(module: Path) -> int | None:
    """The flags of a module's compiled form for the functions' runtime, or None without one."""
    compiled = module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc"
    return int.from_bytes(compiled.read_bytes()[4:8], "little") if compiled.exists() else None


def test_every_module_is_compiled_and_stays_so_when_packaging_sets_its_file_time(
    layer: Path,
) -> None:
    modules = list(layer.rglob("*.py"))

    others = [str(path.relative_to(layer)) for path in modules if flags_of(path) != UNCHECKED]

    assert len(modules) > 100
    assert others == []


def test_it_holds_nothing_that_one_kind_of_processor_only_can_run(layer: Path) -> None:
    # Else the layer's Makefile has to fetch wheels of the architecture that is built for.
    assert list(layer.rglob("*.so")) == []


def test_it_leaves_the_sdk_to_the_runtime_and_stays_small(layer: Path) -> None:
    size = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())

    assert not (layer / "botocore").exists()
    assert size < MOST_MEGABYTES * 1024**2
