"""How the demo's figures are made, in sentences for whoever reads the report."""

HOURS_NOTE = (
    "What still runs at night is exempt, protected, unreadable, at work, or a person started it. "
    "The three lone cells are one moment in three time zones: the notice given when the week began."
)

METHOD = (
    (
        "Every figure is list price times time. Discounts, Savings Plans and taxes are not in it: "
        "under a Savings Plan a stopped instance may save less."
    ),
    (
        "Spent is what ran. Would have been spent is the same week with the same people, in which "
        "nothing was stopped or deleted except by hand."
    ),
    (
        "A span between two steps of the simulation (an hour at most) costs what ran at its "
        "beginning. Whatever is stopping or being deleted counts as gone."
    ),
    (
        "Every saved minute belongs to the last action on its resource, so the actions add up to "
        "the difference. A start may cost: its saving is then negative."
    ),
    (
        "The projection takes what was saved this week times 730 h / 168 h, but 730 h of what "
        "each deletion or release of an endpoint ended. It is a projection, not a saving."
    ),
    (
        "What has no known list price is in no figure: it is counted and named instead. Requests, "
        "storage and data transfer are not counted at all."
    ),
    "Figures are rounded for reading; a column may miss its total by a dollar.",
)
