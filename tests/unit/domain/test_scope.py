from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.scope import EXEMPT_TAG, Mode, Scope, TagMatch, expired_exemption, spared
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import NOW, a_notebook, a_scope, an_endpoint

TAG_TEXT = st.text(max_size=40)
TAGS = st.dictionaries(
    st.sampled_from((EXEMPT_TAG, "Stage", "ManagedBy", "terraform")) | TAG_TEXT,
    st.sampled_from(("prod", "terraform", "2027-01-31: x", "2020-01-31")) | TAG_TEXT,
    max_size=4,
)


def test_a_rule_observes_unless_it_is_told_otherwise() -> None:
    assert Scope("a-rule").mode is Mode.OBSERVE


class TestTagConditions:
    @pytest.mark.parametrize(
        ("match", "tags", "matches"),
        [
            (TagMatch("Stage"), {"Stage": ""}, True),
            (TagMatch("Stage"), {"stage": "prod"}, False),
            (TagMatch("Stage", ("prod",)), {"Stage": "PROD"}, True),
            (TagMatch("Stage", ("PROD",)), {"Stage": "prod"}, True),
            (TagMatch("Stage", ("prod",)), {"Stage": "prod-eu"}, False),
            (TagMatch("Stage", ("dev", "prod*")), {"Stage": "prod-eu"}, True),
            (TagMatch("Stage", ("dev",)), {}, False),
        ],
    )
    def test_keys_are_exact_and_values_are_globs_in_any_letter_case(
        self, match: TagMatch, tags: dict[str, str], *, matches: bool
    ) -> None:
        assert match.matches(tags) is matches

    def test_they_are_spelt_as_in_a_policy(self) -> None:
        assert str(TagMatch("Stage", ("prod", "live"))) == "Stage=prod|live"
        assert str(TagMatch("DoNotDelete")) == "DoNotDelete"


class TestReach:
    @pytest.mark.parametrize(
        ("name", "covered"),
        [("team-a-1", True), ("team-b-1", False), ("Team-a-1", False), ("team-a-prod", False)],
    )
    def test_names_and_exceptions_are_globs(self, name: str, *, covered: bool) -> None:
        scope = a_scope(names=("team-a-*", "demo"), except_names=("*-prod",))

        assert scope.covers(a_notebook(name)) is covered

    def test_all_of_the_tag_conditions_must_hold(self) -> None:
        scope = a_scope(when=(TagMatch("Stage", ("dev",)), TagMatch("Team")))

        assert scope.covers(a_notebook(tags={"Stage": "dev", "Team": "x"}))
        assert not scope.covers(a_notebook(tags={"Stage": "dev"}))
        assert not scope.covers(a_notebook(tags={"Stage": "prod", "Team": "x"}))

    def test_unreadable_tags_keep_a_resource_in_the_report(self) -> None:
        scope = a_scope(when=(TagMatch("Stage", ("dev",)),))

        assert scope.covers(a_notebook(tags_readable=False))
        assert not a_scope(names=("x",)).covers(a_notebook(tags_readable=False))


class TestWhatIsSpared:
    def test_nothing_speaks_for_a_resource_without_tags(self) -> None:
        verdict = spared(a_notebook(), a_scope(protections=(TagMatch("Stage"),)), NOW)

        assert verdict is None

    def test_unreadable_tags_might_hold_a_protection(self) -> None:
        verdict = spared(a_notebook(tags_readable=False), a_scope(), NOW)

        assert verdict is not None
        assert verdict.kind is VerdictKind.UNKNOWN
        assert verdict.reason == "its tags could not be read"

    def test_a_protected_tag_wins_over_everything(self) -> None:
        scope = a_scope(protections=(TagMatch("DoNotDelete"), TagMatch("Stage", ("prod",))))
        notebook = a_notebook(tags={"Stage": "Prod", EXEMPT_TAG: "nonsense"})

        verdict = spared(notebook, scope, NOW)

        assert verdict is not None
        assert verdict.kind is VerdictKind.EXEMPT
        assert verdict.reason == "protected by the policy: tag Stage=Prod"

    @pytest.mark.parametrize(
        ("tags", "mark"),
        [
            ({"aws:cloudformation:stack-id": "arn:x"}, "aws:cloudformation:stack-id"),
            ({"aws:cloudformation:stack-name": "x"}, "aws:cloudformation:stack-name"),
            ({"terraform": "true"}, "terraform"),
            ({"ManagedBy": "Terraform Cloud"}, "ManagedBy"),
            ({"managed-by": "cdk"}, "managed-by"),
        ],
    )
    def test_what_code_manages_is_changed_there(self, tags: dict[str, str], mark: str) -> None:
        endpoint = an_endpoint(tags=tags)

        left = spared(endpoint, a_scope(), NOW)
        acted_on = spared(endpoint, a_scope(spare_iac=False), NOW)

        assert left is not None
        assert left.kind is VerdictKind.EXEMPT
        assert left.reason.startswith(
            f"managed by infrastructure as code (tag {mark}={tags[mark]})"
        )
        assert acted_on is None

    def test_managed_by_a_person_is_not_managed_by_code(self) -> None:
        verdict = spared(a_notebook(tags={"ManagedBy": "mina"}), a_scope(), NOW)

        assert verdict is None


class TestExemptions:
    def test_one_holds_until_its_last_day_with_its_reason(self) -> None:
        notebook = a_notebook(tags={EXEMPT_TAG: "2026-11-02: migrating"})

        verdict = spared(notebook, a_scope(), NOW)

        assert verdict is not None
        assert verdict.kind is VerdictKind.EXEMPT
        assert verdict.reason == "exempt by its owner until 2026-11-02: migrating"
        assert verdict.evidence == {"exempt_until": "2026-11-02"}

    def test_one_without_a_reason_holds_too(self) -> None:
        verdict = spared(a_notebook(tags={EXEMPT_TAG: " 2027-01-31 "}), a_scope(), NOW)

        assert verdict is not None
        assert verdict.reason.endswith("2027-01-31: no reason given")

    @pytest.mark.parametrize(
        "zone", ["Pacific/Kiritimati", "Asia/Seoul", "UTC", "America/Los_Angeles", "Etc/GMT+12"]
    )
    def test_its_last_day_is_over_when_it_is_over_everywhere(self, zone: str) -> None:
        notebook = a_notebook(tags={EXEMPT_TAG: "2026-11-02"})
        over = datetime(2026, 11, 3, 12, tzinfo=UTC).astimezone(ZoneInfo(zone))

        last = spared(notebook, a_scope(), over - timedelta(seconds=1))
        after = spared(notebook, a_scope(), over)

        assert last is not None
        assert after is None
        assert expired_exemption(notebook.tags, over - timedelta(seconds=1)) is None
        assert expired_exemption(notebook.tags, over) == "its exemption ran out on 2026-11-02"

    @pytest.mark.parametrize("text", ["", "forever", "31.01.2027", "2027-02-30: x", ": why"])
    def test_one_that_cannot_be_read_was_still_meant(self, text: str) -> None:
        notebook = a_notebook(tags={EXEMPT_TAG: text})

        verdict = spared(notebook, a_scope(), NOW)

        assert verdict is not None
        assert verdict.kind is VerdictKind.UNKNOWN
        assert "write the last day and why, as in 2027-01-31: migrating" in verdict.reason
        assert expired_exemption(notebook.tags, NOW) is None

    def test_one_that_ran_out_does_not_hide_that_code_manages_the_resource(self) -> None:
        notebook = a_notebook(tags={EXEMPT_TAG: "2020-01-31", "terraform": "yes"})

        verdict = spared(notebook, a_scope(), NOW)

        assert verdict is not None
        assert verdict.kind is VerdictKind.EXEMPT

    @pytest.mark.parametrize("tags", [None, {}])
    def test_no_exemption_runs_out_where_there_is_none(self, tags: dict[str, str] | None) -> None:
        assert expired_exemption(tags, NOW) is None


@given(TAGS)
def test_any_tags_give_a_verdict_or_none_and_never_an_action(tags: dict[str, str]) -> None:
    scope = a_scope(protections=(TagMatch("Stage", ("prod",)),))

    verdict = spared(a_notebook(tags=tags), scope, NOW)

    assert verdict is None or (
        verdict.action is None
        and verdict.kind in {VerdictKind.EXEMPT, VerdictKind.UNKNOWN}
        and bool(verdict.reason)
    )
