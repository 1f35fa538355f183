"""A week's advice in plain text, as an e-mail shows it."""

from zoneinfo import ZoneInfo

from sagewarden.adapters.digest_plain import Plain
from sagewarden.adapters.slack.advice_layout import laid_out
from sagewarden.adapters.slack.advice_texts import ADVICE_WORDS
from sagewarden.adapters.slack.letters import LaidOut
from sagewarden.adapters.slack.texts import Language
from sagewarden.domain.weekly_advice import WeeklyAdvice


def plain_advice(advice: WeeklyAdvice, zone: ZoneInfo) -> LaidOut:
    """A week's advice in plain English."""
    words = {key: text.replace("*", "") for key, text in ADVICE_WORDS[Language.ENGLISH].items()}
    return laid_out(advice, words, Plain(zone))
