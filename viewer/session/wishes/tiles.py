"""Wishes for tiles: which is current, which fills the window, in which order and how many at once they are shown."""

from viewer.render.views import Grid
from viewer.session.arrange import moved, page_of, tile_beside
from viewer.session.resolve import DETECTIONS_TILE, tile_keys
from viewer.session.score_tiles import score_keys
from viewer.session.session import Session


class Tiles:
    """Arranges tiles; the engine is asked nothing.

    Args:
        session: Whose tiles they are.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def maximise(self, key: str | None) -> None:
        """Let one tile fill the window; None shows all."""
        known = key if key in tile_keys(self._session.state) else None
        self._session.update(maximised=known, current=known or self._session.state.current)

    def next_tile(self) -> None:
        """All tiles, then each alone in turn, then all again."""
        turn = (None, *tile_keys(self._session.state))
        now = self._session.state.maximised
        self.maximise(turn[(turn.index(now) + 1) % len(turn)] if now in turn else None)

    def set_grid(self, grid: Grid) -> None:
        """Show that many tiles at once, beginning with the page of the current tile."""
        self._session.update(grid=grid, maximised=None)
        self._turn_to(self._session.state.current)

    def next_grid(self) -> None:
        """Another arrangement of tiles, round and round."""
        self.set_grid(self._session.state.grid.after())

    def turn_page(self, pages: int) -> None:
        """Show the next tiles (+1) or the ones before (-1), where there are more than places."""
        page, _ = self.page
        now, _ = self._page_of(page + pages)
        self._session.update(page=now, maximised=None)

    @property
    def page(self) -> tuple[int, int]:
        """Which page of tiles is shown, 0 for the first, and how many there are."""
        return self._page_of(self._session.state.page)

    def choose_tile(self, key: str) -> None:
        """Make this tile the one that keys move."""
        if key in tile_keys(self._session.state):
            self._session.update(current=key)

    def choose_next_tile(self, steps: int) -> None:
        """Choose another tile and turn to its page; the first one where none is chosen yet."""
        keys, now = tile_keys(self._session.state), self._session.state.current
        key = tile_beside(keys, now, steps) if now in keys else keys[0]
        self._session.update(current=key, maximised=key if self._session.state.maximised else None)
        self._turn_to(key)

    def move_tile(self, key: str, target: str) -> None:
        """Give a tile the place of another."""
        state = self._session.state
        there = (DETECTIONS_TILE, *(stage.node for stage in state.stages), *score_keys(state.score_strides))
        self._session.update(order=moved(there, self._session.state.order, key, target), current=key)

    def move_current_tile(self, steps: int) -> None:
        """Move the chosen tile on or back; without one, choose the first."""
        keys, now = tile_keys(self._session.state), self._session.state.current
        if now is None or now not in keys:
            self.choose_next_tile(0)
        elif (target := tile_beside(keys, now, steps)) != now:
            self.move_tile(now, target)
            self._turn_to(now)

    def reset_order(self) -> None:
        """All tiles in the order of execution."""
        self._session.update(order=())

    def _page_of(self, page: int) -> tuple[int, int]:
        return page_of(len(tile_keys(self._session.state)), self._session.state.grid.places, page)

    def _turn_to(self, key: str | None) -> None:
        keys = tile_keys(self._session.state)
        if key in keys:
            self._session.update(page=keys.index(key) // self._session.state.grid.places)
