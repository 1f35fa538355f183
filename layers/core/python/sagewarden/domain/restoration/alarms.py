"""Which steps bring the alarms back that watch an endpoint.

An endpoint's deletion leaves its alarms alone; but a step scaling policy made anew has another
ARN, and the alarm that drives it still names the old one.
"""

from dataclasses import dataclass

from sagewarden.domain.restoration.comparison import differences_of, same
from sagewarden.domain.restoration.steps import Json, Obstacle, Step, StepKind
from sagewarden.domain.restoration.surroundings import Surroundings, own_tags

_ACTIONS = ("OKActions", "AlarmActions", "InsufficientDataActions")


@dataclass(frozen=True, slots=True)
class AlarmPlan:
    """What is missing of alarms.

    Attributes:
        steps: Alarms to put.
        obstacles: Alarms that are left alone.
    """

    steps: tuple[Step, ...]
    obstacles: tuple[Obstacle, ...]


def alarm_steps(was: Surroundings, now: Surroundings) -> AlarmPlan:
    """Say which alarms are missing, or drive a policy that is no more."""
    steps: list[Step] = []
    obstacles: list[Obstacle] = []
    arns = {
        str(old["PolicyARN"]): now.policies[key]["PolicyARN"] if key in now.policies else None
        for key, old in was.policies.items()
    }
    for name, item in was.alarms.items():
        wanted, present = _repointed(item.described, arns), now.alarms.get(name)
        awaits = None if wanted else "the scaling policies that it drives are there"
        if present is None:
            tags = own_tags(item.tags)
            steps.append(Step(StepKind.PUT_ALARM, name, wanted or item.described, tags, awaits))
        elif wanted and same("alarm", wanted, present.described):
            continue
        elif same("alarm", item.described, present.described):
            # Its tags stay: PutMetricAlarm ignores tags for an alarm that exists.
            steps.append(Step(StepKind.PUT_ALARM, name, wanted or item.described, awaits=awaits))
        else:
            found = next(differences_of("alarm", name, wanted or item.described, present.described))
            why = f"somebody changed it meanwhile ({found}); it is left as it is"
            obstacles.append(Obstacle(f"alarm {name}", why))
    return AlarmPlan(tuple(steps), tuple(obstacles))


def _repointed(alarm: Json, arns: dict[str, str | None]) -> Json | None:
    """The alarm with its policies' ARNs as they are now; None while one is not there yet."""
    changed: dict[str, list[str]] = {}
    for member in _ACTIONS:
        now = [arns.get(arn, arn) for arn in alarm.get(member, ())]
        if None in now:
            return None
        changed[member] = [arn for arn in now if arn is not None]
    return {**alarm, **{key: value for key, value in changed.items() if key in alarm}}
