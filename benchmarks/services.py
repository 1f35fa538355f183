"""Which AWS clients a bot needs, as its grants in the registry say."""

from collections.abc import Iterable

from sagewarden.bots import Bot
from sagewarden.rights import RIGHTS, hub_grants

_CLIENTS = {
    "tag": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
    "elasticfilesystem": "efs",
}
"""boto3's names of services that IAM calls by another one."""

_NOT_CALLED = frozenset({"iam", "kms", "logs"})
"""Auto scaling makes its linked role, SNS uses the key and Lambda writes the log for the bot."""

_LAMBDA_ONLY = frozenset(
    {"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    | {"sqs:ReceiveMessage"}
)
"""What Lambda's own poller does with the bot's role."""


def actions_of(bot: Bot) -> tuple[str, ...]:
    """What a bot asks of AWS, as IAM calls it."""
    grants = (*RIGHTS[bot.name].grants, *hub_grants(bot))
    return tuple(action for grant in grants for action in grant.actions)


def clients_for(actions: Iterable[str]) -> tuple[str, ...]:
    """The boto3 names of the services that IAM actions belong to, in alphabetical order."""
    prefixes = {action.partition(":")[0] for action in actions if action not in _LAMBDA_ONLY}
    return tuple(sorted(_CLIENTS.get(prefix, prefix) for prefix in prefixes - _NOT_CALLED))
