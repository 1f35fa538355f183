"""What was seen of an endpoint a moment ago."""

from sagewarden.adapters.looks import FRESH_FOR, MOST, Look, Looks

LOOK = Look({"EndpointName": "e"}, {"EndpointConfigName": "e"}, {"Owner": "mina"})
LATER = Look({"EndpointName": "e"}, {"EndpointConfigName": "e2"}, {})


def test_a_look_is_taken_once() -> None:
    looks = Looks()
    looks.keep("arn", LOOK)

    assert [looks.take("arn"), looks.take("arn"), looks.take("other")] == [LOOK, None, None]


def test_the_last_look_counts() -> None:
    looks = Looks()
    looks.keep("arn", LOOK)
    looks.keep("arn", LATER)

    assert looks.take("arn") == LATER


def test_an_old_look_does_not_count() -> None:
    now = 0.0
    looks = Looks(lambda: now)
    looks.keep("in time", LOOK)
    looks.keep("too late", LOOK)

    now = FRESH_FOR
    in_time = looks.take("in time")
    now = FRESH_FOR + 0.1

    assert (in_time, looks.take("too late")) == (LOOK, None)


def test_looks_that_nobody_takes_are_forgotten() -> None:
    looks = Looks()
    for number in range(MOST + 1):
        looks.keep(f"arn-{number}", LOOK)

    assert looks.take("arn-0") is None
    assert looks.take("arn-1") == LOOK
