import re
from pathlib import Path

import pytest
import yaml

from sagewarden_cli.pages.cloudformation import Json, read_template
from sagewarden_cli.pages.stack_diagram import stack_diagram
from sagewarden_cli.pages.stack_edges import (
    ACCOUNTS,
    CALLERS,
    EVENTS_OF_ACCOUNTS,
    SUBSCRIBERS,
    WEBHOOK,
    Edge,
    Flow,
    edges_of,
)

TEMPLATE = """
Resources:
  Bus: {Type: "AWS::Events::EventBus"}
  FromSpokes:
    Type: AWS::Events::EventBusPolicy
    Properties: {EventBusName: !Ref Bus}
  OfSpokes:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      Targets: [{Arn: !GetAtt Work.Arn, DeadLetterConfig: {Arn: !GetAtt [Lost, Arn]}}]
  OfHome:
    Type: AWS::Events::Rule
    Properties: {EventBusName: default, Targets: [{Arn: !Sub "${Work.Arn}"}]}
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties: {ScheduleExpression: rate(1 day), Target: {Arn: !GetAtt Report.Arn}}
  Work:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Lost.Arn, maxReceiveCount: 2}}
  Lost: {Type: "AWS::SQS::Queue"}
  Ledger: {Type: "AWS::DynamoDB::Table"}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {Subscription: !If [HasEmail, [{Protocol: email, Endpoint: !Ref Email}], []]}
  GuardRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "logs:PutLogEvents", Resource: !GetAtt GuardLogs.Arn}
              - {Effect: Allow, Action: "sqs:ReceiveMessage", Resource: !GetAtt Work.Arn}
              - {Effect: Allow, Action: "dynamodb:GetItem", Resource: !Sub "${Ledger.Arn}/index/*"}
              - {Effect: Allow, Action: ["sagemaker:StopNotebookInstance"], Resource: "*"}
              - {Effect: Deny, Action: "sns:Publish", Resource: !Ref Topic}
  GuardLogs: {Type: "AWS::Logs::LogGroup"}
  Guard:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt GuardRole.Arn
      Environment: {Variables: {TOPIC: !Ref Topic}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Work.Arn, FunctionName: !Ref Guard}
  Out: {Type: "AWS::Events::ApiDestination"}
  Announcer:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Entries:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Ledger.StreamArn
            DestinationConfig: {OnFailure: {Destination: !GetAtt Lost.Arn}}
  Report:
    Type: AWS::Serverless::Function
    Properties:
      DeadLetterQueue: {TargetArn: !GetAtt Lost.Arn}
      Policies: [{Statement: [{Effect: Allow, Action: "sns:Publish", Resource: !Ref Topic}]}]
  Notifier:
    Type: AWS::Serverless::Function
    Properties: {Events: {Notices: {Type: SNS, Properties: {Topic: !Ref Topic}}}}
  Answers:
    Type: AWS::Serverless::Function
    Properties: {FunctionUrlConfig: {AuthType: NONE}}
  LostAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: Lost letters. docs/runbook.md, dead letters
      AlarmActions: [!Ref Topic]
"""


@pytest.fixture
def template(tmp_path: Path) -> Json:
    """A small stack that has every kind of wire."""
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE, encoding="utf-8")
    return read_template(file)


def test_every_wire_of_a_template_is_an_edge_and_what_is_only_named_is_none(
    template: Json,
) -> None:
    edges = edges_of(template["Resources"])

    assert set(edges) == {
        Edge(EVENTS_OF_ACCOUNTS, "Bus"),
        Edge("Bus", "OfSpokes"),
        Edge("OfSpokes", "Work"),
        Edge("OfSpokes", "Lost", Flow.FAILURE),
        Edge(EVENTS_OF_ACCOUNTS, "OfHome"),
        Edge("OfHome", "Work"),
        Edge("Nightly", "Report"),
        Edge("Work", "Lost", Flow.FAILURE, "2 attempts"),
        Edge("Work", "Guard"),
        Edge("Guard", "Ledger"),
        Edge("Guard", ACCOUNTS),
        Edge("Topic", SUBSCRIBERS),
        Edge("Report", "Lost", Flow.FAILURE),
        Edge("Report", "Topic"),
        Edge("Topic", "Notifier"),
        Edge(CALLERS, "Answers"),
        Edge("Out", WEBHOOK),
        Edge("Ledger", "Announcer"),
        Edge("Announcer", "Lost", Flow.FAILURE),
    }


def test_the_diagram_sums_up_alarms_and_says_what_it_does_not_draw(template: Json) -> None:
    diagram = stack_diagram(template)

    assert 'Alarms["1 alarms:<br/>1 dead letters"]:::dead' in diagram
    assert "Alarms --> Topic" in diagram
    assert 'Nightly(["Nightly<br/>rate(1 day)"]):::trigger' in diagram
    assert diagram.endswith(
        "Not drawn: 1 Events::EventBusPolicy, 1 IAM::Role, 1 Lambda::EventSourceMapping, "
        "1 Logs::LogGroup."
    )


def test_functions_that_reach_the_same_things_are_drawn_with_one_set_of_arrows(
    template: Json,
) -> None:
    resources = template["Resources"]
    resources["Second"] = resources["Guard"]
    properties = resources["Mapping"]["Properties"] | {"FunctionName": {"Ref": "Second"}}
    resources["SecondMapping"] = resources["Mapping"] | {"Properties": properties}

    diagram = stack_diagram(template)

    assert re.findall(r"(\w+) --> Ledger", diagram) == ["Group1"]
    assert re.findall(rf"(\w+) --> {ACCOUNTS}", diagram) == ["Group1"]
    assert "Work --> Guard" in diagram


def test_a_short_form_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text("Resources: !Ref [", encoding="utf-8")

    with pytest.raises(yaml.YAMLError):
        read_template(file)
