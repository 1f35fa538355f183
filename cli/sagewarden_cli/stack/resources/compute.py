"""Lambda: nothing is created in the emulated service, which runs no code.

The built functions run under the runtime interface emulator instead, from the properties that the
stack keeps; the same holds for their layers, event source mappings and permissions.
"""

from sagewarden_cli.stack.resources.site import Physical, Properties, Site


def function(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A function: its name and its ARN."""
    name = site.name(logical_id, properties, "FunctionName")
    return Physical(name, {"Arn": site.arn("lambda", f"function:{name}")})


def layer_version(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A layer's first version."""
    name = site.name(logical_id, properties, "LayerName")
    return Physical(site.arn("lambda", f"layer:{name}:1"))


def event_source_mapping(site: Site, logical_id: str, _properties: Properties) -> Physical:
    """An event source mapping: moto's own would hand messages to functions that it cannot run."""
    identifier = f"{site.stack}-{logical_id}"
    return Physical(identifier, {"Id": identifier})


def function_url(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A function URL: what it is called with is the concern of whoever plays the caller."""
    arn = str(properties["TargetFunctionArn"])
    url = f"https://{logical_id.lower()}.lambda-url.{site.region}.on.aws/"
    return Physical(arn, {"FunctionArn": arn, "FunctionUrl": url})


def function_settings(site: Site, logical_id: str, _properties: Properties) -> Physical:
    """Who may invoke a function, and how often a failed one is tried again: kept, not made."""
    return Physical(f"{site.stack}-{logical_id}")
