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


def apps_described(wiring: Wiring, names: Iterable[str]) -> Mapping[str, Mapping[str, object]]:
    """What AWS tells of Studio apps and their tags, but for times, by the app's whole name."""
    client = wiring.sandbox.client("sagemaker", REGION)
    found = {}
    for name in names:
        place, owner, app_type, app = name.split("/")
        answer = client.describe_app(
            DomainId="d-one",
            AppType=app_type,
            AppName=app,
            **{"SpaceName" if place == "space" else "UserProfileName": owner},
        )
        tags = client.list_tags(ResourceArn=answer["AppArn"])["Tags"]
        kept = {
            key: value
            for key, value in answer.items()
            if key != "ResponseMetadata" and not key.endswith(("Time", "Timestamp"))
        }
        found[name] = kept | {"Tags": {tag["Key"]: tag["Value"] for tag in tags}}
    return found
