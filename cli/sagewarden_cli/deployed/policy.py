"""Which policy is deployed: whether it is the local one, and how far its rules go."""

import io
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sagewarden.adapters.compiled_policy import StalePolicyError, load_compiled_policy
from sagewarden_cli.deployed.finding import Finding, Health, well
from sagewarden_cli.deployed.stack import DeployedStack

_SOURCE, _COMPILED = "governance.yaml", "governance.json"
_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class _Layer:
    """The policy layer's content; None is a file that it lacks."""

    version: str
    source: bytes | None
    compiled: bytes | None


def check_policy(stack: DeployedStack, local: Path) -> Iterator[Finding]:
    """Look at the policy layer, and compare it with a policy file.

    Args:
        stack: The stack.
        local: The policy file of this workstation.

    Raises:
        ClientError: Lambda refuses.
    """
    arn = stack.outputs.get("PolicyLayerArn")
    if arn is None:
        fix = "deploy to its end: sam build && sam deploy"
        yield Finding("policy", Health.FAIL, "the stack has no output PolicyLayerArn", fix)
        return
    answer = stack.client("lambda").get_layer_version_by_arn(Arn=arn)
    try:
        layer = _fetched(arn, answer["Content"]["Location"])
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        fix = "check the network and any proxy: the layer is fetched from Amazon S3"
        yield Finding("policy", Health.UNKNOWN, f"{type(error).__name__}: {error}", fix)
        return
    yield _compared(layer, local)
    yield _mode(layer)


def _fetched(arn: str, location: str) -> _Layer:
    with urllib.request.urlopen(location, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310 - AWS's own, presigned
        content = answer.read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        source, compiled = (
            archive.read(name) if name in names else None for name in (_SOURCE, _COMPILED)
        )
    return _Layer(arn.rpartition(":")[2], source, compiled)


def _compared(layer: _Layer, local: Path) -> Finding:
    about = f"layer version {layer.version}"
    if layer.source is None:
        return Finding("policy", Health.FAIL, f"{about} has no {_SOURCE}", "deploy again")
    if not local.is_file():
        fix = "give --policy FILE to compare it with"
        return Finding("policy", Health.UNKNOWN, f"there is no {local} here", fix)
    if layer.source == local.read_bytes():
        return well("policy", f"{about} is {local}")
    fix = f"sagewarden policy compile {local}, sam build and sam deploy; or give the right --policy"
    return Finding("policy", Health.WARN, f"{about} differs from {local}", fix)


def _mode(layer: _Layer) -> Finding:
    """How many rules only watch, warn, and act."""
    fix = "sagewarden policy compile, sam build and sam deploy"
    if layer.source is None or layer.compiled is None:
        return Finding("mode", Health.FAIL, "the layer has no compiled policy", fix)
    try:
        policy = load_compiled_policy(layer.compiled.decode(), layer.source)
    except (StalePolicyError, ValueError, TypeError) as error:
        return Finding("mode", Health.FAIL, f"the deployed policy cannot be read: {error}", fix)
    modes = Counter(rule.scope.mode.value for rule in policy.rules)
    told = ", ".join(f"{number} {mode}" for mode, number in sorted(modes.items())) or "no rules"
    return well("mode", f"rules: {told}")
