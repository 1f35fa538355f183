"""Judge one event by a policy's guardrails. Nothing is read and nothing is written."""

from sagewarden.domain.guardrails.call import Call
from sagewarden.domain.guardrails.conditions import Figures
from sagewarden.domain.guardrails.rules import CallVerdict, judge_call
from sagewarden.domain.rules import Policy
from sagewarden.domain.verdicts import VerdictKind


def judge_event(call: Call, policy: Policy, figures: Figures) -> tuple[CallVerdict, ...]:
    """Say what each guardrail of a policy says of an event, in the policy's order.

    What happens in an account or a region that the policy does not govern is NOT_APPLICABLE.
    """
    if foreign := _foreign(call, policy):
        return tuple(
            CallVerdict(rule.scope.rule, VerdictKind.NOT_APPLICABLE, foreign)
            for rule in policy.guardrails
        )
    return tuple(judge_call(call, rule, figures) for rule in policy.guardrails)


def _foreign(call: Call, policy: Policy) -> str | None:
    region = call.subject.region
    if not policy.governs(call.account):
        return f"the policy's targets do not name account {call.account}"
    if policy.regions and region not in policy.regions:
        return f"the policy's targets do not name {region}"
    return None
