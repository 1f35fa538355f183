"""Where the tools of a proof lie: the SAM CLI, the runtime interface emulator, Lambda's runtime."""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


class MissingToolError(RuntimeError):
    """A tool environment is not there."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """The tool environments of a checkout, made by its Makefile.

    Attributes:
        root: The checkout.
    """

    root: Path

    @classmethod
    def of(cls, root: Path) -> Self:
        """Find the tools of a checkout.

        Raises:
            MissingToolError: One is not there; ``make e2e`` sets them up.
        """
        tools = cls(root)
        for needed in (tools.sam, tools.runtime_python, tools.emulator):
            if not needed.exists():
                raise MissingToolError(f"{needed} is missing: make e2e sets it up")
        return tools

    @property
    def architecture(self) -> str:
        """This machine's processor, as Lambda names it: ``x86_64`` or ``arm64``."""
        return _ARCHITECTURES[platform.machine().lower()]

    @property
    def sam(self) -> Path:
        """The SAM CLI."""
        return self.root / ".tools/sam/bin/sam"

    @property
    def sam_python(self) -> Path:
        """The Python that has the SAM translator."""
        return self.root / ".tools/sam/bin/python"

    @property
    def runtime_python(self) -> Path:
        """The Python that has the runtime interface client and boto3, as Lambda's has."""
        return self.root / ".tools/ric/bin/python"

    @property
    def emulator(self) -> Path:
        """AWS's runtime interface emulator, as the SAM CLI's package carries it."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        found = sorted((self.root / ".tools/sam/lib").glob("python3.*/site-packages"))
        packages = found[0] if found else self.root / ".tools/sam/lib" / version / "site-packages"
        return packages / "samcli/local/rapid" / f"aws-lambda-rie-{self.architecture}"

    def script(self, name: str) -> Path:
        """A stand-alone script that another environment's Python runs."""
        return self.root / "tools/stack" / f"{name}.py"
