"""What messages say, in English and in Korean: one catalogue, the same keys in both."""

from collections.abc import Mapping
from enum import StrEnum

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cards import Click, Face


class Language(StrEnum):
    """A language that messages are written in."""

    ENGLISH = "en"
    KOREAN = "ko"

    @classmethod
    def of_locale(cls, locale: str | None) -> "Language":
        """The language of a Slack locale such as ``ko-KR``; English for every other."""
        return cls.KOREAN if (locale or "").lower().startswith("ko") else cls.ENGLISH


type Words = Mapping[str, str]

_ENGLISH: Words = {
    "title.warned": "Your SageMaker resources: {number} about to change",
    "title.other": "Your SageMaker resources: news",
    "warned.stop": "{name} will be *stopped* {when}",
    "warned.delete": "{name} will be *deleted* {when}",
    "warned.scale-to-zero": "{name} will be *scaled to zero* {when}",
    "warned.release-provisioned-concurrency": (
        "{name} will be *released from its provisioned concurrency* {when}"
    ),
    "warned.watched": "{name} breaks rule {rule}. Nothing will be done: the rule only warns",
    "told": "{name} breaks rule {rule}. Nothing else happens",
    "snoozed": "{name} is left alone until {until} ({by})",
    "exempt": "{name} is exempt until {until} ({by})",
    "exempt.forever": "{name} is exempt ({by})",
    "done.stop": "{name} was *stopped* {at}",
    "done.start": "{name} was *started* {at}",
    "done.delete": "{name} was *deleted* {at}",
    "done.scale-to-zero": "{name} was *scaled to zero* {at}",
    "done.release-provisioned-concurrency": (
        "{name} was *released from its provisioned concurrency* {at}"
    ),
    "done.set-provisioned-concurrency": "{name} was given other provisioned concurrency {at}",
    "done.set-capacity": "{name} was given other instance bounds {at}",
    "done.tag-owner": "{name} was tagged with its owner {at}",
    "called-off": "{name}: nothing will happen, the reason is gone",
    "failed": "{name}: it could not be done",
    "restoring": "{name} is being brought back ({by})",
    "restored": "{name} is back since {at} ({by})",
    "not-restored": "{name} is not back as it was ({by})",
    "reminder": "Reminder: {told}",
    "money": "saves ${usd} a month at list price ({basis}; prices of {as_of})",
    "money.once": "saves at most ${usd} at list price ({basis}; prices of {as_of})",
    "money.unknown": "what it saves is not known: there is no list price for it",
    "where": "{kind} in {region}, account {account}, rule {rule}",
    "said": "“{why}”",
    "undo": "Undo: {undo}",
    "button.keep": "Keep 7 days",
    "button.snooze": "Snooze 2 h",
    "button.exempt": "Exempt…",
    "button.now.stop": "Stop now",
    "button.now.delete": "Delete now",
    "button.now": "Do it now",
    "button.restore": "Restore",
    "button.restore.stop": "Start again",
    "button.explain": "Explain",
    "confirm.title": "Are you sure?",
    "confirm.now": "It is looked at once more, and done if it is still right. You can restore it.",
    "confirm.once": "It is looked at again, and done if it is still right. It cannot be resumed.",
    "confirm.yes": "Yes",
    "confirm.no": "No",
    "exempt.title": "Exempt a resource",
    "exempt.until": "Until and including",
    "exempt.why": "Why",
    "exempt.submit": "Exempt",
    "exempt.cancel": "Cancel",
    "command.heard": "One moment…",
}

_KOREAN: Words = {
    "title.warned": "내 SageMaker 리소스: 변경 예정 {number}건",
    "title.other": "내 SageMaker 리소스 소식",
    "warned.stop": "*중지 예정* {name} · {when}",
    "warned.delete": "*삭제 예정* {name} · {when}",
    "warned.scale-to-zero": "*0으로 축소 예정* {name} · {when}",
    "warned.release-provisioned-concurrency": "*프로비저닝된 동시성 해제 예정* {name} · {when}",
    "warned.watched": "*규칙 위반* {name} · {rule} (알림만 하며 조치는 없습니다)",
    "told": "*규칙 위반* {name} · {rule} (다른 조치는 없습니다)",
    "snoozed": "*보류* {name} · {until} 까지 ({by})",
    "exempt": "*예외* {name} · {until} 까지 ({by})",
    "exempt.forever": "*예외* {name} ({by})",
    "done.stop": "*중지됨* {name} · {at}",
    "done.start": "*시작됨* {name} · {at}",
    "done.delete": "*삭제됨* {name} · {at}",
    "done.scale-to-zero": "*0으로 축소됨* {name} · {at}",
    "done.release-provisioned-concurrency": "*프로비저닝된 동시성 해제됨* {name} · {at}",
    "done.set-provisioned-concurrency": "*프로비저닝된 동시성 변경됨* {name} · {at}",
    "done.set-capacity": "*인스턴스 수 범위 변경됨* {name} · {at}",
    "done.tag-owner": "*소유자 태그 추가됨* {name} · {at}",
    "called-off": "*취소됨* {name} · 사유가 사라져 조치하지 않습니다",
    "failed": "*처리 실패* {name}",
    "restoring": "*복구 중* {name} ({by})",
    "restored": "*복구됨* {name} · {at} ({by})",
    "not-restored": "*복구 미완료* {name} ({by})",
    "reminder": "다시 알림: {told}",
    "money": "정가 기준 월 ${usd} 절감 ({basis}; {as_of} 가격)",
    "money.once": "정가 기준 최대 ${usd} 절감 ({basis}; {as_of} 가격)",
    "money.unknown": "절감액을 알 수 없습니다: 정가 정보가 없습니다",
    "where": "{kind}, {region}, 계정 {account}, 규칙 {rule}",
    "said": "“{why}”",
    "undo": "되돌리기: {undo}",
    "button.keep": "7일 유지",
    "button.snooze": "2시간 뒤에",
    "button.exempt": "예외 처리…",
    "button.now.stop": "지금 중지",
    "button.now.delete": "지금 삭제",
    "button.now": "지금 실행",
    "button.restore": "복구",
    "button.restore.stop": "다시 시작",
    "button.explain": "자세히",
    "confirm.title": "계속할까요?",
    "confirm.now": "다시 확인한 뒤 여전히 해당되면 실행합니다. 복구할 수 있습니다.",
    "confirm.once": "다시 확인한 뒤 여전히 해당되면 실행합니다. 이어서 실행할 수는 없습니다.",
    "confirm.yes": "예",
    "confirm.no": "아니요",
    "exempt.title": "예외 처리",
    "exempt.until": "마지막 날",
    "exempt.why": "사유",
    "exempt.submit": "예외로 둡니다",
    "exempt.cancel": "취소",
    "command.heard": "잠시만 기다려 주세요…",
}

CATALOGUE: Mapping[Language, Words] = {
    Language.ENGLISH: _ENGLISH,
    Language.KOREAN: _KOREAN,
}


def sentence_key(face: Face, action: ActionKind, *, watched: bool = False) -> str:
    """The catalogue's key of a card's first sentence."""
    if face is Face.WARNED:
        return "warned.watched" if watched else f"warned.{action}"
    return f"done.{action}" if face is Face.DONE else face.value


def button_key(click: Click, action: ActionKind) -> str:
    """The catalogue's key of a button's label."""
    if click is Click.NOW and action in {ActionKind.STOP, ActionKind.DELETE}:
        return f"button.now.{action}"
    if click is Click.RESTORE and action is ActionKind.STOP:
        return "button.restore.stop"
    return f"button.{click}"
