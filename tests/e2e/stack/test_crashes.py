"""Killing a function at any call leads to the same end as if nothing had happened."""

import pytest

from tests.e2e.stack.conftest import Seoul
from tests.e2e.stack.creations import creations_amid_crashes
from tests.e2e.stack.scenarios import Chronicle, at

pytestmark = pytest.mark.stack

STEPS = {
    "dynamodb.PutItem",
    "dynamodb.TransactWriteItems",
    "s3.PutObject",
    "sagemaker.AddTags",
    "sagemaker.DeleteEndpoint",
    "sns.Publish",
    "sqs.SendMessageBatch",
}
"""What functions die at. Every other step of every bot: `tests/integration/faults`."""

MENDED = {"notebook-instance small breaks rule owned", "notebook-instance small: mended"}
"""What a sweep may tell while the message that tags what was created waits for its next attempt."""


def deeds(chronicle: Chronicle) -> set[str]:
    """What owners were told, whenever: a message whose sender died may come twice.

    Without the week's advice of half past nine, which only the longer of the mornings hears.
    """
    told = {notice.partition(" at 2026")[0] for notice in chronicle.notices}
    return {notice for notice in told if not notice.startswith("SageMaker advice, ")}


@pytest.mark.parametrize("spares_the_call", [False, True])
def test_a_crash_at_any_call_leads_to_the_same_end(
    seoul: Seoul, creations: Chronicle, *, spares_the_call: bool
) -> None:
    crashed, deaths = creations_amid_crashes(
        seoul(at(16, 8, 52)), STEPS, spares_the_call=spares_the_call
    )

    assert crashed.states["13:01"] == creations.states["10:51"]
    assert crashed.states["tags"] == creations.states["tags"]
    assert deeds(crashed) - MENDED == deeds(creations)
    assert crashed.letters == ()
    assert {operation for _, operation in deaths} == STEPS
    assert {failure.error for failure in crashed.failures} == {"Runtime.ExitError: killed"}
