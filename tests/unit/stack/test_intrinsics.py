from typing import Any

import pytest

from sagewarden_cli.stack.intrinsics import IntrinsicError, Resolver

TEMPLATE = {
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
    },
    "Mappings": {"Sizes": {"dev": {"memory": 256}}},
}


class Names:
    def ref(self, name: str) -> Any:
        return {"Stage": "dev", "Queue": "https://queue", "AWS::Region": "us-east-1"}[name]

    def attribute(self, logical_id: str, name: str) -> Any:
        return f"arn:{logical_id}.{name}"


def resolve(value: object) -> Any:
    return Resolver(TEMPLATE, Names()).resolve(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ({"Ref": "Queue"}, "https://queue"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:Queue.Arn"),
        ({"Fn::GetAtt": "Queue.Arn"}, "arn:Queue.Arn"),
        ({"Fn::Sub": "${Stage}/${Queue.Arn}/${!Literal}"}, "dev/arn:Queue.Arn/${Literal}"),
        ({"Fn::Sub": ["${a}-${Stage}", {"a": {"Ref": "Queue"}}]}, "https://queue-dev"),
        ({"Fn::Join": [":", ["a", {"Ref": "Stage"}]]}, "a:dev"),
        ({"Fn::If": ["IsProd", "yes", {"Ref": "Stage"}]}, "dev"),
        ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Both", "yes", "no"]}, "no"),
        ({"Fn::Select": ["1", {"Fn::Split": ["/", "a/b/c"]}]}, "b"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "memory"]}, 256),
        ({"kept": 1, "gone": {"Ref": "AWS::NoValue"}}, {"kept": 1}),
        ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
        ({"gone": {"Fn::If": ["IsProd", "x", {"Ref": "AWS::NoValue"}]}}, {}),
    ],
)
def test_intrinsic_functions_become_what_cloudformation_makes_of_them(
    value: object, expected: object
) -> None:
    assert resolve(value) == expected


def test_an_iam_condition_block_is_no_condition_of_the_template() -> None:
    block = {"Condition": {"StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}}}}

    assert resolve(block) == {"Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}


def test_policy_variables_outside_of_sub_stay_as_they_are() -> None:
    assert resolve("${aws:PrincipalTag/Team}") == "${aws:PrincipalTag/Team}"


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({"Fn::ImportValue": "x"}, "Fn::ImportValue is not understood here"),
        ({"Fn::If": ["IsStaging", 1, 2]}, "Conditions has no 'IsStaging'"),
        ({"Fn::FindInMap": ["Sizes", "prod", "memory"]}, r"Mappings.Sizes has no prod.memory"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_name(value: object, complaint: str) -> None:
    with pytest.raises(IntrinsicError, match=complaint):
        resolve(value)
