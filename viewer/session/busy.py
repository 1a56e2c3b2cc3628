"""Which pages of the right panel have something under way, so that what works unseen is not forgotten."""

from viewer.session.side import Side
from viewer.session.state import ViewState


def busy_sides(state: ViewState) -> dict[Side, str]:
    """What is asked, altered or watched, in words, by the page that tells of it; nothing of a page that rests.

    Args:
        state: What the user chose.
    """
    inquiry = state.inquiry
    return {
        side: ", ".join(word for word, is_on in words if is_on)
        for side, words in (
            (
                Side.CELL,
                (("a cell is pinned", state.pinned is not None), ("a channel is shown", bool(inquiry.channel))),
            ),
            (
                Side.WHY,
                (("something is explained", bool(inquiry.cam)), ("a place is asked about", bool(inquiry.region))),
            ),
            (Side.ALTER, (("something is altered", bool(inquiry.alteration)), ("a sweep runs", _sweeps(state)))),
            (Side.HEALTH, (("stages are watched", bool(inquiry.health)),)),
        )
        if any(is_on for _, is_on in words)
    }


def _sweeps(state: ViewState) -> bool:
    return state.sweep is not None and state.sweep.is_running
