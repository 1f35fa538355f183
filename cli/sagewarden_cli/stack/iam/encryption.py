"""What a call needs of KMS when it touches something that a key of the customer's encrypts.

From the developer guides of SNS and SQS ("Configure AWS KMS permissions"). Services call KMS in the
caller's name, so the caller's role needs the right, and may be bound to the service.
"""

from collections.abc import Iterator, Mapping

from sagewarden_cli.stack.deployment import Stack
from sagewarden_cli.stack.iam.requests import Request

_NEEDED = {
    "sns:Publish": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
}


def keys_of(stack: Stack) -> Mapping[str, str]:
    """By ARN of a topic or queue, the ARN of the key of the stack that encrypts it."""
    keys = {key.attributes["Arn"] for key in stack.of_type("AWS::KMS::Key")}
    return {
        one.attributes["Arn"]: str(one.properties["KmsMasterKeyId"])
        for kind in ("AWS::SNS::Topic", "AWS::SQS::Queue")
        for one in stack.of_type(kind)
        if one.properties.get("KmsMasterKeyId") in keys
    }


def key_requests(request: Request, keys: Mapping[str, str], region: str) -> Iterator[Request]:
    """Yield what KMS is asked in consequence of a request."""
    key = keys.get(request.resource)
    if key is None:
        return
    service = request.action.partition(":")[0]
    context = {"kms:viaservice": (f"{service}.{region}.amazonaws.com",)}
    for action in _NEEDED.get(request.action, ()):
        yield Request(request.role, action, key, context)
