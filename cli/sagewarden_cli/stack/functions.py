"""The built functions of a deployed stack: code, layers, environment, limits and role."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sagewarden_cli.stack.deployment import Stack
from sagewarden_cli.stack.registration import Deployed

_OPT = "/opt/"


class ArtifactError(LookupError):
    """What a function needs was not built."""


@dataclass(frozen=True, slots=True)
class LambdaFunction:
    """One function, as it was deployed.

    Attributes:
        name: Its name.
        arn: Its ARN.
        role: The ARN of its role.
        handler: Such as ``app.handler``.
        code: The folder with its built code.
        layers: The folders of its built layers, in order.
        environment: Its environment variables.
        timeout: Seconds after which it is ended.
        memory: Megabytes; told to the function, not enforced.
        log_group: Where its log goes.
        dead_letters: The ARN of the queue for events that failed for good, or None.
    """

    name: str
    arn: str
    role: str
    handler: str
    code: Path
    layers: tuple[Path, ...]
    environment: Mapping[str, str]
    timeout: int
    memory: int
    log_group: str
    dead_letters: str | None

    @property
    def python_path(self) -> tuple[Path, ...]:
        """Where Python looks for modules, before the runtime's own: as Lambda does."""
        return (self.code, *(layer / "python" for layer in self.layers))


def functions_of(
    stack: Stack, defaults: Mapping[str, str] | None = None
) -> Mapping[str, LambdaFunction]:
    """Find every function of a stack, by ARN.

    Args:
        stack: The deployed stack.
        defaults: Environment variables that a function gets where the template does not set them:
            for code that finds its files in /opt by itself, unless a variable names another place.

    Raises:
        ArtifactError: Its code or a layer was not built, or it names a file that no layer has.
    """
    layers = {layer.ref: layer for layer in stack.of_type("AWS::Lambda::LayerVersion")}
    found = (
        _function(one, layers, defaults or {}) for one in stack.of_type("AWS::Lambda::Function")
    )
    return {function.arn: function for function in found}


def _function(
    one: Deployed, layers: Mapping[str, Deployed], defaults: Mapping[str, str]
) -> LambdaFunction:
    properties = one.properties
    folders = tuple(_folder(layers[arn], "Content") for arn in properties.get("Layers", ()))
    variables: Mapping[str, object] = properties.get("Environment", {}).get("Variables", {})
    logging: Mapping[str, str] = properties.get("LoggingConfig", {})
    return LambdaFunction(
        name=one.ref,
        arn=one.attributes["Arn"],
        role=properties["Role"],
        handler=properties["Handler"],
        code=_folder(one, "Code"),
        layers=folders,
        environment={
            name: _on_this_machine(str(value), folders)
            for name, value in {**defaults, **variables}.items()
        },
        timeout=int(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        log_group=logging.get("LogGroup", f"/aws/lambda/{one.ref}"),
        dead_letters=properties.get("DeadLetterConfig", {}).get("TargetArn"),
    )


def _folder(one: Deployed, member: str) -> Path:
    folder = Path("/") / str(one.properties[member]["S3Key"])
    if not folder.is_dir():
        raise ArtifactError(f"{one.logical_id}: {folder} is not there: build the template")
    return folder


def _on_this_machine(value: str, layers: tuple[Path, ...]) -> str:
    """Point a path in /opt, where Lambda unpacks layers, to the layer that has the file."""
    if not value.startswith(_OPT):
        return value
    found = [layer / value.removeprefix(_OPT) for layer in layers]
    existing = [path for path in found if path.exists()]
    if not existing:
        raise ArtifactError(f"no layer has {value}; looked at {[str(path) for path in found]}")
    return str(existing[-1])
