"""All that AWS tells of endpoints in the emulated accounts."""

from collections.abc import Iterable, Mapping

from sagewarden_cli.demo.loop.description import fields_of
from sagewarden_cli.stack.wiring import Wiring

REGION = "us-east-1"


def described(
    wiring: Wiring, endpoints: Iterable[str], account: str | None = None
) -> Mapping[str, Mapping[str, object]]:
    """What AWS tells of endpoints and of all that belongs to them, by the endpoint's name."""
    return {
        name: fields_of(name, lambda service: wiring.sandbox.client(service, REGION, account))
        for name in endpoints
    }
