"""How each type of resource is made on the sandbox.

A handler gets resolved properties and returns what ``Ref`` and ``Fn::GetAtt`` give. A new type is
one function, listed here.
"""

from collections.abc import Mapping

from sagewarden_cli.stack.resources.compute import (
    event_source_mapping,
    function,
    function_settings,
    function_url,
    layer_version,
)
from sagewarden_cli.stack.resources.identity import managed_policy, policy, role
from sagewarden_cli.stack.resources.messaging import (
    api_destination,
    connection,
    event_bus,
    event_bus_policy,
    event_rule,
    queue,
    queue_policy,
    schedule,
    schedule_group,
    topic,
    topic_policy,
)
from sagewarden_cli.stack.resources.site import Handler, Physical, Site
from sagewarden_cli.stack.resources.storage import (
    alarm,
    bucket,
    bucket_policy,
    dashboard,
    key,
    key_alias,
    log_group,
    parameter,
    secret,
    table,
)

HANDLERS: Mapping[str, Handler] = {
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::DynamoDB::Table": table,
    "AWS::Events::ApiDestination": api_destination,
    "AWS::Events::Connection": connection,
    "AWS::Events::EventBus": event_bus,
    "AWS::Events::EventBusPolicy": event_bus_policy,
    "AWS::Events::Rule": event_rule,
    "AWS::IAM::ManagedPolicy": managed_policy,
    "AWS::IAM::Policy": policy,
    "AWS::IAM::Role": role,
    "AWS::KMS::Alias": key_alias,
    "AWS::KMS::Key": key,
    "AWS::Lambda::EventInvokeConfig": function_settings,
    "AWS::Lambda::EventSourceMapping": event_source_mapping,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::LayerVersion": layer_version,
    "AWS::Lambda::Permission": function_settings,
    "AWS::Lambda::Url": function_url,
    "AWS::Logs::LogGroup": log_group,
    "AWS::S3::Bucket": bucket,
    "AWS::S3::BucketPolicy": bucket_policy,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::SSM::Parameter": parameter,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::Scheduler::ScheduleGroup": schedule_group,
    "AWS::SecretsManager::Secret": secret,
}

__all__ = ["HANDLERS", "Handler", "Physical", "Site"]
