"""Build a SAM template for this machine, and translate what was built to CloudFormation.

Lambda runs our functions on arm64. To run what is built here, it is built for this machine's own
processor: in a copy of the template ``arm64`` is replaced, and nothing else. Sources are reached
through links, so every path in the copy means what it means in the original.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagewarden_cli.stack.toolchain import Toolchain

type Template = Mapping[str, Any]


class BuildError(RuntimeError):
    """A template could not be built or translated."""


@dataclass(frozen=True, slots=True)
class Built:
    """What ``sam build`` made.

    Attributes:
        template: The translated CloudFormation template: what AWS would deploy.
        directory: Where the artifacts lie.
    """

    template: Template
    directory: Path


def build(
    tools: Toolchain,
    template: Path,
    into: Path,
    *,
    parameters: Mapping[str, str] | None = None,
    instead: Mapping[str, Path] | None = None,
) -> Built:
    """Build and translate a template; what did not change since the last time is not built again.

    Args:
        tools: The tool environments.
        template: The SAM template; its paths are relative to its folder.
        into: A folder for the copy, the artifacts and the cache.
        parameters: Values of template parameters that the translation has to know.
        instead: Folders that take the place of some of the template's own, by their paths there:
            such as another policy layer.

    Raises:
        BuildError: With the tool's own words.
    """
    into.mkdir(parents=True, exist_ok=True)
    source = template.read_text(encoding="utf-8").replace("arm64", tools.architecture)
    copy = into / "template.yaml"
    copy.write_text(source, encoding="utf-8")
    _link_sources(template.parent, into, instead or {})
    _run(tools, [str(tools.sam), "build", "--cached", "--template-file", str(copy)], into)
    built = into / ".aws-sam/build/template.yaml"
    wanted = json.dumps(dict(parameters or {}))
    translate = [str(tools.sam_python), str(tools.script("translate")), str(built), wanted]
    return Built(json.loads(_run(tools, translate, into)), built.parent)


def _link_sources(sources: Path, into: Path, instead: Mapping[str, Path]) -> None:
    """Link every folder of the sources, or make it and link its insides where one is replaced."""
    into.mkdir(exist_ok=True)
    for source in sources.iterdir():
        link = into / source.name
        inside = {
            path.removeprefix(f"{source.name}/"): folder
            for path, folder in instead.items()
            if path.startswith(f"{source.name}/")
        }
        if not source.is_dir() or source.name.startswith("."):
            continue
        if inside:
            _link_sources(source, link, inside)
        else:
            link.unlink(missing_ok=True)
            link.symlink_to(instead.get(source.name, source), target_is_directory=True)


def _run(tools: Toolchain, command: list[str], directory: Path) -> str:
    # sam build wants the runtime's minor version of Python on PATH: the one it runs on.
    interpreters = tools.sam_python.resolve().parent
    environment = {
        **os.environ,
        "PATH": f"{interpreters}{os.pathsep}{os.environ.get('PATH', '')}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "SAM_CLI_TELEMETRY": "0",
    }
    done = subprocess.run(  # noqa: S603 - our own tools, by their paths
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"{' '.join(command[:2])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
