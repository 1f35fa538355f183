"""What a button is about: its case, and the run that had told of it, as one value."""

from sagewarden.domain.cards import Card


def about(card: Card) -> str:
    """The value of a card's buttons, which a click gives back."""
    return card.case_id if card.run is None else f"{card.case_id} {card.run}"


def read_about(value: str) -> tuple[str, str | None]:
    """The case and the run of a click; messages from before runs were told have none."""
    case_id, _, run = value.partition(" ")
    return case_id, run or None
