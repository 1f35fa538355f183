import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden_cli.stack.iam.patterns import arn_matches, equals, matches

CONTEXT = {
    "aws:principaltag/team": ("fraud*",),
    "aws:requesttag/owner": ("mina",),
    "aws:tagkeys": ("a", "b"),
}


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("sagemaker:Stop*", "sagemaker:StopNotebookInstance", True),
        ("sagemaker:Stop*", "sagemaker:StartNotebookInstance", False),
        ("nb-?", "nb-1", True),
        ("nb-?", "nb-12", False),
        ("a.c", "abc", False),
        ("${aws:RequestTag/Owner}-*", "mina-nb", True),
        ("${aws:PrincipalTag/Team}", "fraud*", True),
        ("${aws:PrincipalTag/Team}", "fraud-2", False),
        ("${aws:PrincipalTag/Missing}", "", False),
        ("${aws:PrincipalTag/Missing, 'none'}-x", "none-x", True),
        ("${aws:TagKeys}", "a", False),
        ("a${*}b", "a*b", True),
        ("a${*}b", "axb", False),
        ("${$}{x}", "${x}", True),
    ],
)
def test_globs_match_and_policy_variables_are_no_globs(
    pattern: str,
    text: str,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    assert matches(pattern, text, CONTEXT) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", True),
        ("arn:aws:sagemaker:*:123456789012:notebook-instance/*", True),
        ("arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/n?", True),
        ("arn:aws:sagemaker:us-east-1:123456789012:endpoint/*", False),
        ("arn:aws:sagemaker:us-east-1:*", False),
        ("arn:aws:sagemaker:*:notebook-instance/*", False),
        ("arn:aws:sagemaker:us-east-1:999999999999:notebook-instance/*", False),
        ("arn:aws:sagemaker:us-east-1:123456789012:*", True),
        ("arn:aws:sagemaker:${aws:RequestedRegion}:123456789012:notebook-instance/*", True),
    ],
)
def test_a_glob_stays_within_its_segment_of_an_arn(
    pattern: str,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb"

    assert arn_matches(pattern, arn, {"aws:requestedregion": ("us-east-1",)}) is expected


def test_colons_of_the_last_segment_belong_to_it() -> None:
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/x:log-stream:y"

    assert arn_matches("arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/x:*", group, {})


@given(text=st.text(min_size=1))
def test_every_text_equals_itself_unless_it_looks_like_a_variable(text: str) -> None:
    assert "${" in text or equals(text, text, {})


@given(prefix=st.text(alphabet="ab*?", max_size=5), text=st.text(alphabet="ab*?", max_size=5))
def test_a_star_takes_whatever_follows(prefix: str, text: str) -> None:
    assert matches(f"{prefix}*", prefix + text, {})
