"""AWS's managed policies that our functions may carry, as their documentation prints them."""

from sagewarden_cli.stack.iam.policies import PolicyDocumentError, Statement, read_statements

_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
_POLLING = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
_ACTIONS = {
    "AWSLambdaBasicExecutionRole": _LOGS,
    "AWSLambdaSQSQueueExecutionRole": [*_POLLING, *_LOGS],
}


def managed_statements(arn: str) -> tuple[Statement, ...]:
    """Return the statements of a managed policy of AWS.

    Raises:
        PolicyDocumentError: The policy is not known here.
    """
    name = arn.rpartition("/")[2]
    if name not in _ACTIONS:
        raise PolicyDocumentError(f"{arn} is not among {sorted(_ACTIONS)}: write its actions out")
    statement = {"Effect": "Allow", "Action": _ACTIONS[name], "Resource": "*"}
    return read_statements(name, {"Statement": [statement]})
