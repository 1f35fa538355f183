"""Whether anybody reads what the stack has to say: notices where there is no Slack, and alarms."""

from collections.abc import Iterator

from sagewarden_cli.deployed.finding import Finding, Health, looked, well
from sagewarden_cli.deployed.stack import TOPIC, DeployedStack
from sagewarden_cli.plan_view import counted

_ABOUT = "readers"


def check_readers(stack: DeployedStack) -> Iterator[Finding]:
    """Look at who has subscribed to the topic of notices."""
    yield from looked(_ABOUT, lambda: _readers(stack))


def _readers(stack: DeployedStack) -> Iterator[Finding]:
    topic = stack.of_type(TOPIC).get("NoticesTopic")
    if topic is None:
        yield Finding(_ABOUT, Health.FAIL, "the stack has no topic of notices", "deploy again")
        return
    pages = stack.client("sns").get_paginator("list_subscriptions_by_topic")
    found = [item for page in pages.paginate(TopicArn=topic) for item in page["Subscriptions"]]
    confirmed = [item for item in found if item["SubscriptionArn"].startswith("arn:")]
    if confirmed:
        yield well(_ABOUT, f"{counted(len(confirmed), 'confirmed subscription')} of the topic")
        return
    waiting = f", {len(found)} not confirmed" if found else ""
    fix = f"confirm the subscription in the e-mail that SNS sent, or subscribe somebody to {topic}"
    if stack.parameters.get("SlackSecret"):
        yield Finding(_ABOUT, Health.WARN, f"alarms reach nobody{waiting}", fix)
    else:
        told = f"nobody is told, so no grace period begins{waiting}"
        yield Finding(_ABOUT, Health.FAIL, told, fix)
