"""Slack's text as HTML: markup is rendered, everything else is shown as it was written."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden_cli.slack.directory import Channel, Directory, Group, User
from sagewarden_cli.slack.page.mrkdwn import Reader, mrkdwn, plain

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
NEW_TAB = 'target="_blank" rel="noopener noreferrer"'


def reader(tz: str = "Asia/Seoul", locale: str = "en-US") -> Reader:
    directory = Directory()
    mina = directory.add_user(User("U1", "mina", "", tz, locale, "Mina Kim"))
    directory.add_user(User("U2", "tom", "", "UTC", "en-US", "Tom"))
    directory.groups["S1"] = Group("S1", "ml-platform", ["U1"])
    directory.channels["C1"] = Channel("C1", "ml-costs")
    return Reader(mina, directory, NOW)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _italic_ ~gone~", "<b>bold</b> <i>italic</i> <s>gone</s>"),
        ("*_both_*", "<b><i>both</i></b>"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("`*code*` stays", "<code>*code*</code> stays"),
        ("```a\n*b*```", "<pre>a\n*b*</pre>"),
        ("one\ntwo", "one<br>two"),
        ("&gt; said", "<blockquote>said</blockquote>"),
        (":warning: and :unknown_one:", "⚠️ and :unknown_one:"),
        ("<@U2> <#C1>", '<span class="mention">@tom</span> <span class="mention">#ml-costs</span>'),
        (
            "<@U1> <!here>",
            '<span class="mention me">@mina</span> <span class="mention me">@here</span>',
        ),
        ("<!subteam^S1>", '<span class="mention me">@ml-platform</span>'),
        ("<@U404|old>", '<span class="mention">old</span>'),
        (
            "*<https://a.example/?x=1&amp;y=2|docs>*",
            f'<b><a href="https://a.example/?x=1&amp;y=2" {NEW_TAB}>docs</a></b>',
        ),
    ],
)
def test_markup_is_rendered(text: str, shown: str) -> None:
    assert mrkdwn(text, reader()) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ("<javascript:alert(1)|click>", "&lt;javascript:alert(1)|click&gt;"),
        ('<https://a.example/"onclick="x|y>', None),
        ('`<b>` & "q"', "<code>&lt;b&gt;</code> &amp; &quot;q&quot;"),
        ("&amp;lt;", "&amp;lt;"),
        ("<!date^x^{date}|soon>", "&lt;!date^x^{date}|soon&gt;"),
    ],
)
def test_what_is_no_markup_is_shown_as_text(text: str, shown: str | None) -> None:
    rendered = mrkdwn(text, reader())

    assert shown is None or rendered == shown
    assert '"onclick="' not in rendered


def test_a_plain_text_has_no_markup() -> None:
    assert (
        plain("*b* <https://a.example|x> <script>")
        == "*b* &lt;https://a.example|x&gt; &lt;script&gt;"
    )


@given(st.text(alphabet=st.sampled_from("<>&\"'`*_~|^!@#:\n ab/\ue000\ue001"), max_size=60))
def test_no_text_makes_an_element_that_is_not_slacks(text: str) -> None:
    rendered = mrkdwn(text, reader())

    opened = {part.split(">")[0].split(" ")[0] for part in rendered.split("<")[1:]}
    assert {name.lstrip("/") for name in opened} <= {
        *("b", "i", "s", "br", "code", "pre", "a", "span", "time", "blockquote"),
    }


AT = int(datetime(2026, 11, 3, 9, 5, 7, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("form", "english", "korean"),
    [
        ("{date_num}", "2026-11-03", "2026-11-03"),
        ("{date_slash}", "11/03/2026", "2026/11/03"),
        ("{date}", "November 3rd, 2026", "2026년 11월 3일"),
        ("{date_short}", "Nov 3, 2026", "2026년 11월 3일"),
        ("{date_long}", "Tuesday, November 3rd, 2026", "2026년 11월 3일 화요일"),
        ("{date_long_full}", "November 3, 2026", "2026년 11월 3일"),
        ("by {date_pretty} at {time}", "by tomorrow at 6:05 PM", "by 내일 at 오후 6:05"),
        ("{time_secs}", "6:05:07 PM", "오후 6:05:07"),
        ("{ago}", "in 1 day", "1일 후"),
    ],
)
def test_a_date_is_told_in_the_readers_zone_and_language(
    form: str, english: str, korean: str
) -> None:
    token = f"<!date^{AT}^{form}|fallback>"

    assert f">{english}</time>" in mrkdwn(token, reader())
    assert f">{korean}</time>" in mrkdwn(token, reader(locale="ko-KR"))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "just now"), (-90, "1 minute ago"), (-7200, "2 hours ago"), (172_800, "in 2 days")],
)
def test_a_distance_is_told_in_its_largest_unit(seconds: int, told: str) -> None:
    token = f"<!date^{int(NOW.timestamp()) + seconds}^{{ago}}|fallback>"

    assert f">{told}</time>" in mrkdwn(token, reader())


def test_a_far_date_is_not_called_near() -> None:
    token = f"<!date^{AT - 86_400 * 30}^{{date_short_pretty}}|fallback>"

    assert ">Oct 4, 2026</time>" in mrkdwn(token, reader())


@pytest.mark.parametrize("form", ["{nonsense}", "{date"])
def test_a_date_that_cannot_be_told_falls_back(form: str) -> None:
    shown = mrkdwn(f"<!date^{AT}^{form}|at nine>", reader())

    assert shown in {"at nine", '<time title="2026-11-03T18:05:07+09:00">{date</time>'}


def test_a_date_may_be_a_link() -> None:
    shown = mrkdwn(f"<!date^{AT}^{{date_num}}^https://a.example/|x>", reader())

    assert shown.startswith('<a href="https://a.example/"')
