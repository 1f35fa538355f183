"""CloudFormation's dynamic references: values of secrets, looked up when something is made."""

import json
import re
from typing import Any

from sagewarden_cli.stack.resources.site import Site

_SECRET = re.compile(
    r"\{\{resolve:secretsmanager:(?P<secret>arn:[^:]*:secretsmanager:[^:]*:\d*:secret:[^:}]+|[^:}]+)"
    r":SecretString:(?P<key>[^:}]+)\}\}"
)


class DynamicReferenceError(ValueError):
    """A dynamic reference leads to nothing, or is of a kind that is not understood here."""


def looked_up(site: Site, value: Any) -> Any:  # noqa: ANN401 - what JSON can hold
    """A value with the secrets that it refers to.

    Raises:
        DynamicReferenceError: A secret has no such key, or a reference is not understood.
    """
    if isinstance(value, dict):
        return {name: looked_up(site, member) for name, member in value.items()}
    if isinstance(value, list):
        return [looked_up(site, member) for member in value]
    if not isinstance(value, str) or "{{resolve:" not in value:
        return value
    text = _SECRET.sub(lambda match: _secret(site, match["secret"], match["key"]), value)
    if "{{resolve:" in text:
        raise DynamicReferenceError(f"{value} is not understood here: only keys of secrets are")
    return text


def _secret(site: Site, secret: str, key: str) -> str:
    found = site.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    content = json.loads(found)
    if key not in content:
        raise DynamicReferenceError(f"the secret {secret} has no {key!r}, only {sorted(content)}")
    return str(content[key])
