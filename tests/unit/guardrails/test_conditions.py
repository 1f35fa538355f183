from decimal import Decimal

import pytest

from sagewarden.domain.guardrails.answers import Answer, worst
from sagewarden.domain.guardrails.conditions import (
    AllowedTypes,
    AllowedValue,
    Condition,
    CountCap,
    DeniedTypes,
    Figures,
    GpuCeiling,
    PriceCeiling,
    RequiredTags,
    VolumeCeiling,
)
from sagewarden.domain.guardrails.instance_type_names import GpuBook, family_of, first_match
from sagewarden.domain.guardrails.subject import Subject
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import REGION, some_prices

FIGURES = Figures(some_prices(), GpuBook({"ml.g5.xlarge": 1, "ml.p4d.24xlarge": 8}))
COST_CENTER = RequiredTags({"CostCenter": AllowedValue(pattern="CC-[0-9]{4}")})


def a_subject(*types: str, kind: str = "notebook-instance", **fields: object) -> Subject:
    return Subject(kind, "nb", None, REGION, instance_types=types, **fields)  # type: ignore[arg-type]  # the remaining fields of Subject, by name


def answer(condition: Condition, subject: Subject) -> Answer:
    return condition.answer(subject, FIGURES)


class TestTags:
    @pytest.mark.parametrize(
        ("tags", "reason"),
        [
            ({}, "tag CostCenter is missing"),
            ({"costcenter": "CC-0001"}, "tag CostCenter is missing (it has costcenter: letter"),
            ({"CostCenter": "0001"}, "tag CostCenter=0001 should match CC-[0-9]{4}"),
            ({"CostCenter": "CC-00011"}, "should match"),
            ({"CostCenter": " "}, "should not be empty"),
            ({"CostCenter": "CC-0001" + " " * 300}, "should match"),
        ],
    )
    def test_what_is_missing_or_wrong_is_named(self, tags: dict[str, str], reason: str) -> None:
        found = answer(COST_CENTER, a_subject(tags=tags))

        assert found.kind is VerdictKind.VIOLATION
        assert reason in found.reason

    def test_every_fault_is_named_at_once(self) -> None:
        demand = RequiredTags({"Owner": AllowedValue(), "Stage": AllowedValue(("dev", "t*"))})

        found = answer(demand, a_subject(tags={"Stage": "Dev"}))

        assert found.reason == "tag Owner is missing; tag Stage=Dev should be dev or t*"

    def test_what_is_right_is_compliant(self) -> None:
        demand = RequiredTags({"Stage": AllowedValue(("dev", "t*")), "Owner": AllowedValue()})

        found = answer(demand, a_subject(tags={"Stage": "test", "Owner": "kim"}))

        assert found == Answer(VerdictKind.COMPLIANT, "it has Stage, Owner")
        matching = answer(COST_CENTER, a_subject(tags={"CostCenter": "CC-0001"}))
        assert matching.kind is VerdictKind.COMPLIANT

    def test_tags_that_are_not_known_or_not_possible_are_no_violation(self) -> None:
        assert answer(COST_CENTER, a_subject()).kind is VerdictKind.UNKNOWN
        untaggable = a_subject(tags={}, taggable=False)
        assert answer(COST_CENTER, untaggable).kind is VerdictKind.NOT_APPLICABLE


class TestInstanceTypes:
    @pytest.mark.parametrize(
        ("entry", "name", "falls"),
        [
            ("ml.p4*", "ml.p4d.24xlarge", True),
            ("p4*", "ml.p4d.24xlarge", True),
            ("*.24xlarge", "ml.p4d.24xlarge", True),
            ("p4d", "ml.p4d.24xlarge", True),
            ("ml.p4d", "ml.p4d.24xlarge", True),
            ("P4D", "ml.p4d.24xlarge", True),
            ("p4", "ml.p4d.24xlarge", False),
            ("p4*", "p4d.24xlarge", True),
            ("ml.p4d", "p4d.24xlarge", True),
            ("p4d.24xlarge", "p4d.24xlarge", True),
            ("p4d", "system", False),
            ("ml.m5.large", "ml.m5.large", True),
            ("m5.large", "ml.m5.large", True),
            ("m5", "ml.m5d.large", False),
            ("retired", "ml.p2.xlarge", True),
            ("retired", "ml.eia2.medium", True),
            ("retired", "ml.p3.2xlarge", False),
        ],
    )
    def test_an_entry_is_a_glob_a_type_a_family_or_retired(
        self, entry: str, name: str, *, falls: bool
    ) -> None:
        assert (first_match(name, [entry]) is not None) is falls

    def test_one_denied_type_among_several_is_a_violation(self) -> None:
        found = answer(DeniedTypes(("p5", "ml.p4*")), a_subject("ml.m5.large", "ml.p4d.24xlarge"))

        assert found == Answer(VerdictKind.VIOLATION, "ml.p4d.24xlarge is denied (ml.p4*)")

    def test_only_allowed_types_are_compliant(self) -> None:
        demand = AllowedTypes(("ml.t3.*", "m5"))

        assert answer(demand, a_subject("ml.m5.large")).kind is VerdictKind.COMPLIANT
        found = answer(demand, a_subject("ml.t3.medium", "ml.c5.large"))
        assert found.reason == "ml.c5.large is none of the allowed ml.t3.*, m5"

    @pytest.mark.parametrize(
        ("name", "kind", "verdict"),
        [
            ("ml.t3.medium", "notebook-instance", VerdictKind.COMPLIANT),
            ("ml.g5.xlarge", "endpoint-config", VerdictKind.VIOLATION),
            ("ml.m5.large", "endpoint", VerdictKind.COMPLIANT),
            ("ml.g5.xlarge", "notebook-instance", VerdictKind.UNKNOWN),
            ("ml.g5.xlarge", "training-job", VerdictKind.UNKNOWN),
        ],
    )
    def test_a_price_is_that_of_what_it_is_used_for_and_unknown_is_no_violation(
        self, name: str, kind: str, verdict: VerdictKind
    ) -> None:
        found = answer(PriceCeiling(Decimal("1.0")), a_subject(name, kind=kind))

        assert found.kind is verdict

    def test_a_known_price_too_high_outweighs_an_unknown_one(self) -> None:
        subject = a_subject("ml.x9.large", "ml.g5.xlarge", kind="endpoint")

        found = answer(PriceCeiling(Decimal("1.0")), subject)

        assert found.kind is VerdictKind.VIOLATION
        assert found.reason == "ml.g5.xlarge costs $1.5/h at list price, more than $1/h"

    @pytest.mark.parametrize(
        ("name", "verdict"),
        [
            ("ml.g5.xlarge", VerdictKind.COMPLIANT),
            ("ml.m7i-flex.large", VerdictKind.COMPLIANT),
            ("ml.p4d.24xlarge", VerdictKind.VIOLATION),
            ("ml.p9.48xlarge", VerdictKind.UNKNOWN),
            ("ml.geospatial.interactive", VerdictKind.UNKNOWN),
            ("t3.medium", VerdictKind.COMPLIANT),
            ("p4d.24xlarge", VerdictKind.VIOLATION),
            ("medium", VerdictKind.UNKNOWN),
        ],
    )
    def test_gpus_are_counted_and_unknown_is_no_violation(
        self, name: str, verdict: VerdictKind
    ) -> None:
        assert answer(GpuCeiling(1), a_subject(name)).kind is verdict

    @pytest.mark.parametrize(
        "demand",
        [DeniedTypes(("*",)), AllowedTypes(("m5",)), GpuCeiling(0), PriceCeiling(Decimal())],
    )
    def test_what_runs_on_no_instance_of_ones_own_is_never_a_violation(
        self, demand: Condition
    ) -> None:
        assert answer(demand, a_subject("system")).kind is VerdictKind.COMPLIANT
        assert answer(demand, a_subject()).kind is VerdictKind.COMPLIANT
        model = a_subject(kind="model", typed=False)
        assert answer(demand, model).kind is VerdictKind.NOT_APPLICABLE
        unread = Subject("endpoint", "ep", None, REGION)
        assert answer(demand, unread).kind is VerdictKind.UNKNOWN

    def test_a_family_is_read_from_the_name_of_a_type(self) -> None:
        assert family_of("ml.p4d.24xlarge") == "p4d"
        assert family_of("system") is None
        assert family_of("ml.p4d") is None


class TestSizesAndNumbers:
    def test_the_largest_volume_decides(self) -> None:
        demand = VolumeCeiling(100)

        assert answer(demand, a_subject(volumes_gb=(5, 101))).kind is VerdictKind.VIOLATION
        assert answer(demand, a_subject(volumes_gb=(100,))).kind is VerdictKind.COMPLIANT
        assert answer(demand, a_subject(volumes_gb=())).kind is VerdictKind.COMPLIANT
        assert answer(demand, a_subject()).kind is VerdictKind.UNKNOWN
        assert answer(demand, a_subject(typed=False)).kind is VerdictKind.NOT_APPLICABLE

    def test_the_oldest_ones_may_stay(self) -> None:
        demand = CountCap(2)

        assert answer(demand, a_subject(rank=1)).kind is VerdictKind.COMPLIANT
        assert answer(demand, a_subject(rank=2)).reason.startswith("2 older ones run beside it")
        assert answer(demand, a_subject()).kind is VerdictKind.UNKNOWN


def test_several_answers_come_to_the_worst_of_them() -> None:
    bad = Answer(VerdictKind.VIOLATION, "bad")
    open_ = Answer(VerdictKind.UNKNOWN, "open")
    good = Answer(VerdictKind.COMPLIANT, "good")
    other = Answer(VerdictKind.NOT_APPLICABLE, "other")

    assert worst([good, open_, bad, other, bad]) == bad
    assert worst([good, open_, other]) == open_
    assert worst([other, good]) == good
    assert worst([other, other]) == other


def test_demands_are_spelled_for_people() -> None:
    demands: list[Condition] = [
        COST_CENTER,
        DeniedTypes(("p5",)),
        AllowedTypes(("m5",)),
        PriceCeiling(Decimal("1.0")),
        GpuCeiling(1),
        VolumeCeiling(5),
        CountCap(3),
    ]

    assert list(map(str, demands)) == [
        "tags CostCenter",
        "nothing on p5",
        "only m5",
        "at most $1/h an instance",
        "at most 1 GPUs an instance",
        "volumes of at most 5 GB",
        "at most 3 at once",
    ]
