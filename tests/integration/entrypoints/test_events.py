"""Each sample event leads to what the file beside it says."""

import json
from pathlib import Path

import pytest

from tests.integration.entrypoints.conftest import Stack
from tests.support.invocations import REGION
from tests.support.templates import ROOT

pytestmark = pytest.mark.aws

EVENTS = ROOT / "events"
SAMPLES = sorted(
    path for path in EVENTS.rglob("*.json") if not path.name.endswith(".leads-to.json")
)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: str(path.relative_to(EVENTS)))
def test_a_sample_event_leads_to_what_is_said_beside_it(
    sample: Path, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    event = json.loads(sample.read_text(encoding="utf-8"))
    expected = json.loads(sample.with_suffix(".leads-to.json").read_text(encoding="utf-8"))
    fleet = stack.sandbox.sagemaker(region=REGION)
    fleet.add_notebook_instance("nb", status="InService")
    fleet.add_endpoint("ep", instance_type="ml.m5.large")
    stack.sandbox.eks(region=REGION).add_node_group("trainers")
    fleet.add_processing_job("features")
    fleet.add_tracking_server("flow")
    stack.sandbox.bedrock(region=REGION).add_provisioned_model("chat")
    bot = sample.parent.name
    others = {
        "dispatcher": stack.dispatcher,
        "reporter": stack.reporter,
        "advisor": stack.advisor,
        "announcer": stack.announcer,
    }
    function = others[bot]() if bot in others else stack.bot(bot)

    if "raises" in expected:
        with pytest.raises(Exception, match=expected["raises"]):
            function(event)
        return
    answer = function(event)

    printed = capsys.readouterr().out
    assert answer == expected["answer"]
    assert [text for text in expected.get("logged", []) if text not in printed] == []
