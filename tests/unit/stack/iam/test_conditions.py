import pytest

from sagewarden_cli.stack.iam.conditions import UnknownOperatorError, hold

CONTEXT = {
    "aws:resourcetag/stage": ("dev",),
    "aws:requestedregion": ("us-east-1",),
    "aws:tagkeys": ("Owner", "CostCenter"),
    "aws:securetransport": ("true",),
    "aws:principalarn": ("arn:aws:iam::123456789012:role/bot",),
    "s3:max-keys": ("10",),
}


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "aws:ResourceTag/Stage", ("dev",), True),
        ("StringEquals", "aws:ResourceTag/Stage", ("prod", "dev"), True),
        ("StringEquals", "aws:ResourceTag/Stage", ("Dev",), False),
        ("StringEquals", "aws:ResourceTag/Missing", ("dev",), False),
        ("StringEqualsIgnoreCase", "aws:ResourceTag/Stage", ("DEV",), True),
        ("StringEqualsIfExists", "aws:ResourceTag/Missing", ("dev",), True),
        ("StringEqualsIfExists", "aws:ResourceTag/Stage", ("prod",), False),
        ("StringNotEquals", "aws:ResourceTag/Stage", ("prod", "production"), True),
        ("StringNotEquals", "aws:ResourceTag/Stage", ("prod", "dev"), False),
        ("StringNotEquals", "aws:ResourceTag/Missing", ("prod",), True),
        ("StringLike", "aws:RequestedRegion", ("us-*",), True),
        ("StringLike", "aws:RequestedRegion", ("eu-*",), False),
        ("StringNotLike", "aws:RequestedRegion", ("eu-*",), True),
        ("ArnLike", "aws:PrincipalArn", ("arn:aws:iam::*:role/b*",), True),
        ("ArnLike", "aws:PrincipalArn", ("arn:aws:iam::*",), False),
        ("ArnNotEquals", "aws:PrincipalArn", ("arn:aws:iam::*:role/c",), True),
        ("Bool", "aws:SecureTransport", ("True",), True),
        ("Bool", "aws:SecureTransport", ("false",), False),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", ("true",), True),
        ("NumericLessThanEquals", "s3:max-keys", ("10",), True),
        ("NumericLessThan", "s3:max-keys", ("10",), False),
        ("NumericGreaterThan", "s3:max-keys", ("9",), True),
        ("NumericNotEquals", "s3:max-keys", ("9",), True),
        ("Null", "aws:ResourceTag/Stage", ("false",), True),
        ("Null", "aws:ResourceTag/Stage", ("true",), False),
        ("Null", "aws:ResourceTag/Missing", ("true",), True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ("Owner", "CostCenter", "Team"), True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ("Owner",), False),
        ("ForAllValues:StringEquals", "aws:Missing", ("Owner",), True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ("Owner",), True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ("Team",), False),
        ("ForAnyValue:StringEquals", "aws:Missing", ("Owner",), False),
        ("ForAnyValue:StringNotEquals", "aws:Missing", ("Owner",), False),
    ],
)
def test_operators_answer_as_the_iam_user_guide_says(
    operator: str,
    key: str,
    values: tuple[str, ...],
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    assert hold({operator: {key: values}}, CONTEXT) is expected


def test_all_keys_of_all_operators_must_hold() -> None:
    one = {"aws:RequestedRegion": ("us-east-1",)}
    other = {"aws:ResourceTag/Stage": ("prod",)}

    assert hold({"StringEquals": one}, CONTEXT)
    assert not hold({"StringEquals": one | other}, CONTEXT)
    assert not hold({"StringEquals": one, "StringLike": other}, CONTEXT)


@pytest.mark.parametrize("operator", ["DateLessThan", "ForSomeValues:StringEquals", "stringequals"])
def test_an_unknown_operator_is_refused_rather_than_guessed(operator: str) -> None:
    with pytest.raises(UnknownOperatorError, match="is not among"):
        hold({operator: {"aws:RequestedRegion": ("us-east-1",)}}, CONTEXT)
