"""The idle notebooks rule as a policy writes it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from sagewarden.domain.idle_notebooks import IdleNotebooks
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.scope import Scope
from sagewarden.policy.rule_model import JudgedRuleModel, Notice
from sagewarden.policy.values import Duration, PolicyModel, between


class IdleNotebook(PolicyModel):
    """What counts as an idle notebook instance."""

    window: Annotated[Duration, between(timedelta(hours=1), timedelta(days=1))] = Field(
        default=timedelta(hours=2),
        alias="for",
        description="How long nothing may have been at work on it: 1h to 24h. Where it does not "
        "report its activity, it is reported, and never stopped.",
        examples=["2h"],
    )


class IdleNotebooksRule(JudgedRuleModel):
    """Stop notebook instances on which no kernel, no terminal and nothing else is at work.

    They report it themselves, every five minutes, by a lifecycle configuration: see
    `sagewarden notebook-activity`.
    """

    resources: Literal["notebook-instance"] = Field(
        description="The kind of resource.", examples=["notebook-instance"]
    )
    idle: IdleNotebook = Field(description="What counts as idle.", examples=[{"for": "2h"}])
    action: Literal["stop"] = Field(default="stop", description="What to do with it.")
    warn: Notice = timedelta(minutes=30)

    @classmethod
    def claims(cls, rule: Mapping[str, Any]) -> bool:
        """Whether it speaks of notebook instances that are idle, and of no hours."""
        hours = "outside" in rule or "schedule_tag" in rule
        return rule.get("resources") == "notebook-instance" and "idle" in rule and not hours

    def compiled(self, scope: Scope, book: ScheduleBook) -> IdleNotebooks:
        """The rule of the domain."""
        del book
        kinds = (self.resources,)
        return IdleNotebooks(scope=scope, kinds=kinds, grace=self.warn, idle_for=self.idle.window)
