"""An organisation whose accounts are found: the hub enters them by one condition."""

import pytest

from sagewarden.bootstrap import compile_policy_file
from sagewarden_cli.stack.iam.grants import grants_of
from tests.e2e.stack.conftest import FIXTURES, Seoul
from tests.e2e.stack.member_account import HUB, MEMBER, join
from tests.e2e.stack.scenarios import Chronicle, at

pytestmark = pytest.mark.stack

OUTSIDE, EXCEPTED, UNTAGGED = "777788889999", "666655554444", "333344445555"
TARGETS = """organization:
    tags: {Workload: ml}
    except: [ou-ab12-00000000]
  regions: [us-east-1, ap-east-1]"""


@pytest.fixture(scope="module")
def monday(seoul: Seoul, tmp_path_factory: pytest.TempPathFactory) -> Chronicle:
    """The office closes, in every account that has the tag and lies in no excepted unit."""
    policy = tmp_path_factory.mktemp("organization") / "governance.yaml"
    text = (FIXTURES / "policy/governance.yaml").read_text(encoding="utf-8")
    policy.write_text(text.replace("accounts: self", TARGETS), encoding="utf-8")
    compiled = compile_policy_file(policy, range(2025, 2028))
    policy.with_suffix(".json").write_text(compiled, encoding="utf-8")
    chronicle = Chronicle()
    with seoul(at(16, 17, 27), policy, OrganizationId="o-sagewarden") as wiring:
        built = wiring.sandbox.organization("999999999999")
        excepted = built.add_unit("sandboxes")
        built.add_account(HUB, name="hub")
        built.delegate(HUB)
        built.add_account(MEMBER, tags={"Workload": "ml"})
        built.add_account(EXCEPTED, unit=excepted, tags={"Workload": "ml"})
        built.add_account(UNTAGGED)
        spoke = join(wiring)
        for account in (MEMBER, EXCEPTED, UNTAGGED, OUTSIDE):
            fleet = wiring.sandbox.sagemaker(account)
            fleet.add_notebook_instance("nb", created_at=at(2, 9), tags={"Owner": "lee"})
        wiring.run_until(at(16, 17, 31))
        wiring.sleep_until(at(16, 17, 59))
        wiring.run_until(at(16, 18, 1))
        chronicle.states = {
            account: wiring.sandbox.client("sagemaker", account=account).describe_notebook_instance(
                NotebookInstanceName="nb"
            )["NotebookInstanceStatus"]
            for account in (MEMBER, EXCEPTED, UNTAGGED, OUTSIDE)
        }
        chronicle.close(wiring)
        chronicle.grants = {**chronicle.grants, **grants_of(spoke)}
    return chronicle


def test_only_what_the_policy_selects_is_governed(monday: Chronicle) -> None:
    assert monday.states == {
        MEMBER: "Stopping",
        EXCEPTED: "InService",
        UNTAGGED: "InService",
        OUTSIDE: "InService",
    }
    assert (monday.failures, monday.letters) == ((), ())


def test_the_roles_allow_what_was_done_and_the_dispatcher_needs_all_that_it_may(
    monday: Chronicle,
) -> None:
    proof = monday.proof
    unused = {grant.action for grant in proof.unused if grant.role.endswith("DispatcherRole")}

    assert (monday.unknown, proof.denied) == ((), ())
    assert unused == {"organizations:ListAccounts"}  # no units had to be told apart otherwise
