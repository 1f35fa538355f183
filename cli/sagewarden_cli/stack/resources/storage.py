"""What keeps things: tables, buckets, keys, parameters, secrets, logs, alarms, dashboards."""

import json

from sagewarden_cli.stack.resources.site import Physical, Properties, Site, without


def table(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A table with its stream, its time to live and point-in-time recovery."""
    dynamodb, name = site.client("dynamodb"), site.name(logical_id, properties, "TableName")
    separate = ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")
    wanted = without(properties, "TableName", "SSESpecification", *separate)
    encryption = properties.get("SSESpecification")
    if encryption:
        enabled = encryption.get("SSEEnabled", False)
        wanted["SSESpecification"] = {**without(encryption, "SSEEnabled"), "Enabled": enabled}
    if "StreamSpecification" in wanted:
        wanted["StreamSpecification"] = {**wanted["StreamSpecification"], "StreamEnabled": True}
    made = dynamodb.create_table(TableName=name, **wanted)["TableDescription"]
    stream = {"StreamArn": made["LatestStreamArn"]} if "LatestStreamArn" in made else {}
    if properties.get(separate[0]):
        dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification=properties[separate[0]]
        )
    if properties.get(separate[1]):
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification=properties[separate[1]]
        )
    return Physical(name, {"Arn": made["TableArn"], **stream})


def bucket(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A bucket, its versioning, and who it is closed to; the rest stays in the stack's record."""
    name = site.name(logical_id, properties, "BucketName").lower()
    where = {"LocationConstraint": site.region}
    settings = {} if site.region == "us-east-1" else {"CreateBucketConfiguration": where}
    s3 = site.client("s3")
    s3.create_bucket(Bucket=name, **settings)
    if versioning := properties.get("VersioningConfiguration"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    if closed := properties.get("PublicAccessBlockConfiguration"):
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=closed)
    domain = f"{name}.s3.amazonaws.com"
    return Physical(name, {"Arn": f"arn:aws:s3:::{name}", "DomainName": domain})


def bucket_policy(site: Site, logical_id: str, properties: Properties) -> Physical:
    """Who may do what in a bucket.

    Moto refuses every call for a statement that denies, without a look at its condition: those with
    one (``aws:SecureTransport``) stay in the stack's record.
    """
    document = properties["PolicyDocument"]
    kept = [
        statement
        for statement in document["Statement"]
        if not (statement["Effect"] == "Deny" and "Condition" in statement)
    ]
    if kept:
        policy = json.dumps({**document, "Statement": kept})
        site.client("s3").put_bucket_policy(Bucket=properties["Bucket"], Policy=policy)
    return Physical(f"{site.stack}-{logical_id}")


def key(site: Site, _logical_id: str, properties: Properties) -> Physical:
    """A key."""
    policy = json.dumps(properties["KeyPolicy"])
    made = site.client("kms").create_key(
        Description=properties.get("Description", ""), Policy=policy
    )["KeyMetadata"]
    return Physical(made["KeyId"], {"Arn": made["Arn"], "KeyId": made["KeyId"]})


def key_alias(site: Site, _logical_id: str, properties: Properties) -> Physical:
    """A key's other name."""
    name = str(properties["AliasName"])
    site.client("kms").create_alias(AliasName=name, TargetKeyId=properties["TargetKeyId"])
    return Physical(name)


def log_group(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A log group with its retention."""
    logs, name = site.client("logs"), site.name(logical_id, properties, "LogGroupName")
    logs.create_log_group(logGroupName=name)
    if "RetentionInDays" in properties:
        days = int(properties["RetentionInDays"])
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    return Physical(name, {"Arn": site.arn("logs", f"log-group:{name}:*")})


def parameter(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A parameter of Systems Manager."""
    name = site.name(logical_id, properties, "Name")
    value, kind = str(properties["Value"]), str(properties["Type"])
    site.client("ssm").put_parameter(Name=name, Value=value, Type=kind)
    return Physical(name, {"Type": kind, "Value": value})


def secret(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A secret; what has to be generated is a fixed text here."""
    name = site.name(logical_id, properties, "Name")
    value = str(properties.get("SecretString", "generated"))
    made = site.client("secretsmanager").create_secret(Name=name, SecretString=value)
    return Physical(made["ARN"], {"Id": made["ARN"]})


def alarm(site: Site, logical_id: str, properties: Properties) -> Physical:
    """An alarm; moto stores it and evaluates nothing."""
    name = site.name(logical_id, properties, "AlarmName")
    site.client("cloudwatch").put_metric_alarm(AlarmName=name, **without(properties, "AlarmName"))
    return Physical(name, {"Arn": site.arn("cloudwatch", f"alarm:{name}")})


def dashboard(site: Site, logical_id: str, properties: Properties) -> Physical:
    """A dashboard, which has to be JSON."""
    name = site.name(logical_id, properties, "DashboardName")
    body = str(properties["DashboardBody"])
    json.loads(body)
    site.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)
    return Physical(name)
