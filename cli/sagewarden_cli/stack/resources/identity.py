"""IAM: roles exist in the sandbox, so that they can be assumed; their policies are judged here."""

import json

from sagewarden_cli.stack.resources.site import Physical, Properties, Site


def role(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A role with its inline policies."""
    iam, name = site.client("iam"), site.name(logical_id, properties, "RoleName")
    trust = json.dumps(properties["AssumeRolePolicyDocument"])
    path = properties.get("Path", "/")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Path=path)["Role"]
    for inline in properties.get("Policies", ()):
        document = json.dumps(inline["PolicyDocument"])
        iam.put_role_policy(RoleName=name, PolicyName=inline["PolicyName"], PolicyDocument=document)
    return Physical(name, {"Arn": made["Arn"], "RoleId": made["RoleId"]})


def policy(site: Site, _logical_id: str, properties: Properties) -> Physical:
    """An inline policy that names its roles."""
    iam, name = site.client("iam"), str(properties["PolicyName"])
    document = json.dumps(properties["PolicyDocument"])
    for role_name in properties.get("Roles", ()):
        iam.put_role_policy(RoleName=role_name, PolicyName=name, PolicyDocument=document)
    return Physical(name)


def managed_policy(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A policy of its own; ``Ref`` gives its ARN."""
    name = site.name(logical_id, properties, "ManagedPolicyName")
    document = json.dumps(properties["PolicyDocument"])
    made = site.client("iam").create_policy(PolicyName=name, PolicyDocument=document)
    return Physical(made["Policy"]["Arn"])
