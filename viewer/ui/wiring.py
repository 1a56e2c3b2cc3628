"""Every wish of every view, and the controller's method of that meaning: the one list of what leads where.

After a wish everything that changed is shown at once, without a way round by the engine.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QLineEdit

from viewer.render.views import Grid, MapView
from viewer.session.export_choice import ExportChoice
from viewer.session.side import Side
from viewer.ui.channel_menu import ChannelMenu
from viewer.ui.section import Section

if TYPE_CHECKING:
    from viewer.ui.window import Window

_Wishes = Iterable[tuple[SignalInstance, Callable[..., object]]]


def wire(window: "Window") -> None:
    """Connect what the views of a window wish for.

    Args:
        window: Has all its views already.
    """
    pages = _inspector, _side, _cell, _explain, _miss, _altering, _health
    for wishes in (_pictures, _tiles, _stages, *pages, _time, _opening):
        for wish, answer in wishes(window):
            window.answer(wish, answer)
    _wire_presets(window)
    _wire_pointing(window)
    _wire_pages(window)
    _wire_taking(window)
    _remember_folds(window)
    _hand_keys_back(window)


def _pictures(window: "Window") -> _Wishes:
    controller, canvas, tools = window.controller, window.canvas, window.tools
    return (
        (canvas.viewport_wished, controller.set_viewport),
        (canvas.divider_wished, controller.set_divider),
        (canvas.box_chosen, controller.choose),
        (canvas.cell_picked, controller.pick_cell),
        (canvas.channel_picked, controller.pick_strongest),
        (tools.overlays.clicked, controller.set_overlays),
        (tools.boxes.clicked, controller.set_boxes),
        (tools.reset.clicked, lambda _: controller.reset_viewport()),
    )


def _tiles(window: "Window") -> _Wishes:
    controller, canvas, tiles = window.controller, window.canvas, window.tools.tiles
    return (
        (canvas.tile_wished, controller.maximise),
        (canvas.tile_chosen, controller.choose_tile),
        (canvas.tile_moved, controller.move_tile),
        (canvas.page_wished, controller.turn_page),
        (tiles.view.chosen, lambda key: controller.set_view(MapView(key))),
        (tiles.grid.chosen, lambda key: controller.set_grid(Grid(key))),
        (tiles.reset.triggered, lambda _: controller.reset_order()),
        (tiles.previous.clicked, lambda _: controller.turn_page(-1)),
        (tiles.next.clicked, lambda _: controller.turn_page(1)),
    )


def _stages(window: "Window") -> _Wishes:
    controller, stages = window.controller, window.stages
    return (
        (stages.list.tap_wished, controller.toggle_tap),
        (stages.reducer.chosen, controller.set_reducer),
        (stages.limits.mode_wished, controller.set_limits_mode),
        (stages.limits.limits_wished, controller.set_limits),
        (stages.colormap.chosen, controller.set_colormap),
        (stages.alpha.changed, controller.set_alpha),
        (stages.fade.clicked, controller.set_fade),
    )


def _inspector(window: "Window") -> _Wishes:
    controller, inspector = window.controller, window.inspector
    return (
        (inspector.sliders.conf_wished, controller.set_conf),
        (inspector.sliders.iou_wished, controller.set_iou),
        (inspector.most.entered, lambda count: controller.set_max_det(round(count))),
        (inspector.classes.list.switch_wished, controller.keep_class),
        (inspector.classes.list.only_wished, controller.keep_only),
        (inspector.all_classes_wished, controller.keep_all_classes),
        (inspector.under_wished, controller.set_under),
        (inspector.table.sort_wished, controller.sort_by),
        (inspector.table.list.box_chosen, controller.choose),
        (inspector.card.clear_wished, lambda: controller.choose(None)),
        (inspector.card.frame_wished, lambda _: controller.seek_found()),
    )


def _side(window: "Window") -> _Wishes:
    return ((window.side.side_wished, window.controller.show_side),)


def _miss(window: "Window") -> _Wishes:
    controller, canvas, section = window.controller, window.canvas, window.why.miss
    return (
        (canvas.region_wished, controller.look_at),
        (canvas.spot_clicked, controller.look_at_spot),
        (section.lookout_wished, controller.look_out),
        (section.away_wished, controller.look_away),
        (section.table.picked, controller.pick),
        (section.sliders.conf_wished, controller.set_conf),
        (section.sliders.iou_wished, controller.set_iou),
        (section.maps_wished, controller.show_scores),
        (section.class_wished, controller.score_class),
        (section.explain_wished, controller.explain_missed),
        (section.top.changed, controller.set_score_top),
    )


def _cell(window: "Window") -> _Wishes:
    controller, page, gallery = window.controller, window.cell, window.pages.gallery
    return (
        (page.unpin_wished, controller.unpin_cell),
        (page.similarity_wished, controller.toggle_similarity),
        (page.gallery_wished, controller.open_gallery),
        (page.channel_wished, controller.show_channel),
        (page.browse_wished, controller.browse_channels),
        (page.mute_wished, controller.toggle_mute),
        (page.solo_wished, controller.toggle_solo),
        (page.back_wished, controller.leave_channel),
        (gallery.stage_wished, controller.open_gallery),
        (gallery.rank_wished, controller.rank_channels),
        (gallery.previous.clicked, lambda _: controller.turn_gallery(-1)),
        (gallery.next.clicked, lambda _: controller.turn_gallery(1)),
        (gallery.grid.page_wished, controller.turn_gallery),
        (gallery.grid.channel_wished, controller.take_channel),
        (window.pages.gallery_left, controller.close_gallery),
        *_of_menu(window, page.menu),
        *_of_menu(window, gallery.menu),
    )


def _of_menu(window: "Window", menu: ChannelMenu) -> _Wishes:
    controller = window.controller

    def take_in_hand(node: str, channel: int) -> None:
        controller.close_gallery()
        controller.show_side(Side.ALTER)
        controller.pick_channel(node, channel)

    return (
        (menu.show_wished, controller.show_channel),
        (menu.mute_wished, controller.mute),
        (menu.solo_wished, controller.solo),
        (menu.restore_wished, controller.restore_channel),
        (menu.hand_wished, take_in_hand),
    )


def _health(window: "Window") -> _Wishes:
    controller, page = window.controller, window.health
    return (
        (page.limits_wished, controller.set_health_limits),
        (page.epsilon_wished, controller.set_epsilon),
        (page.measure_wished, controller.plot_measure),
        (page.stage_wished, controller.choose_stage),
        (page.keep_wished, controller.keep_watching),
        (page.anew_wished, controller.begin_health_anew),
        (page.event_wished, controller.seek_health_event),
        (window.strip.frame_wished, controller.seek),
        (window.timeline.event_wished, controller.seek),
    )


def _explain(window: "Window") -> _Wishes:
    controller, section = window.controller, window.why.explain
    return (
        (section.explain_wished, controller.explain),
        (section.depth_wished, controller.explain_at),
        (section.all_wished, controller.explain_all),
        (section.answer.channel_wished, controller.show_channel),
        (window.why.miss.answer.channel_wished, controller.show_channel),
        (section.missed_wished, controller.look_at_lost),
    )


def _altering(window: "Window") -> _Wishes:
    controller, page = window.controller, window.alter
    return (
        (page.channels.picked, controller.pick_channel),
        (page.channels.mute_wished, controller.toggle_mute),
        (page.channels.solo_wished, controller.toggle_solo),
        (page.channels.factor_wished, controller.scale_channel),
        (page.channels.restore_wished, controller.restore_channel),
        (page.knobs.changed, controller.perturb),
        (page.occluder.held, controller.hold_occluder),
        # A button keeps arrows to walk to the next one.
        (page.occluder.held, lambda _on: window.canvas.setFocus()),
        (page.occluder.object.clicked, lambda _: controller.occlude_object()),
        (page.occluder.cleared, lambda: controller.occlude(None)),
        (page.undo_wished, controller.undo_alterations),
        (page.sweep.begin_wished, controller.sweep),
        (page.sweep.end_wished, controller.end_sweep),
        (window.occluder.wished, controller.occlude),
    )


def _time(window: "Window") -> _Wishes:
    controller, timeline, transport = window.controller, window.timeline, window.transport
    finder = transport.finder
    return (
        (timeline.scrubbed, controller.scrub),
        (timeline.rested, controller.seek_fraction),
        (timeline.released, controller.end_scrub),
        (timeline.span_wished, controller.set_span),
        (timeline.live_wished, controller.seek_end),
        (transport.play.clicked, lambda _: controller.toggle_play()),
        (transport.back.clicked, lambda _: controller.step(-1)),
        (transport.forward.clicked, lambda _: controller.step(1)),
        (transport.speed_wished, controller.set_speed),
        (transport.loop.clicked, controller.set_loop),
        (transport.loop_begin.clicked, lambda _: controller.begin_loop_here()),
        (transport.loop_end.clicked, lambda _: controller.end_loop_here()),
        (transport.loop_clear.clicked, lambda _: controller.set_span(None)),
        (transport.goto.frame_wished, controller.seek),
        (transport.goto.time_wished, controller.seek_time),
        (finder.label_wished, controller.look_for),
        (finder.lost.clicked, controller.begin_loss),
        (finder.previous.clicked, lambda _: controller.find(-1)),
        (finder.next.clicked, lambda _: controller.find(1)),
        (window.searching.stop_wished, controller.stop_search),
    )


def _opening(window: "Window") -> _Wishes:
    controller, page = window.controller, window.pages.open
    return (
        (window.notice.restart_wished, controller.restart_engine),
        (window.notice.relief_wished, controller.relieve),
        (window.notice.room_wished, controller.make_room),
        (page.outcome.room_wished, controller.make_room),
        (window.notice.dismiss_wished, controller.dismiss_notice),
        (window.loading.cancel_wished, controller.cancel),
        (window.drop.wished, controller.open),
        (page.wished, controller.open),
        (page.allowed, lambda place: controller.answer(True, instead=place)),
        (page.forbidden, lambda: controller.answer(False)),
        (page.cancelled, controller.cancel),
        (page.turned_away, controller.leave_question),
        (window.pages.left, controller.leave_question),
    )


def _wire_presets(window: "Window") -> None:
    row, presets = window.stages.presets, window.presets

    def save(name: str) -> None:
        if presets.save(name):
            row.end_naming()

    for wish, answer in (
        (row.chosen, presets.choose),
        (row.save_wished, save),
        (row.delete_wished, presets.delete),
    ):
        window.answer(wish, answer)
        wish.connect(lambda *_: window.showing.show_presets())  # names are no part of the controller's state


def _wire_pointing(window: "Window") -> None:
    window.canvas.frame_painted.connect(window.controller.painted)
    for view in (window.canvas, window.inspector.table.list):
        view.box_pointed.connect(window.point)


def _wire_pages(window: "Window") -> None:
    pages, tools = window.pages, window.tools
    for wish in (tools.open.clicked, window.notice.open_wished):
        wish.connect(lambda *_: pages.bring(pages.open))
    window.status.cards_wished.connect(lambda: pages.toggle(pages.cards))
    pages.coming.connect(window.make_room)
    pages.brought.connect(window.show_all)
    tools.keys.clicked.connect(window.keylist.toggle)
    tools.settings.clicked.connect(window.toggle_settings)
    tools.present.clicked.connect(window.presentation.toggle)


def _wire_taking(window: "Window") -> None:
    window.tools.still.clicked.connect(window.taking.save_still)
    window.tools.export.clicked.connect(window.taking.export)
    window.inspector.card.copy_wished.connect(window.taking.copy_object)
    _wire_export(window)


def _wire_export(window: "Window") -> None:
    page, taking = window.pages.export, window.taking

    def ask(folder: Path) -> None:
        page.ask(window.controller.state, folder, taking.canvas_wh)
        window.pages.bring(page)

    def begin(choice: ExportChoice) -> None:
        problem = taking.begin_export(choice)
        page.refuse(problem)
        if not problem:
            page.put_away()

    taking.export_asked.connect(ask)
    page.wished.connect(begin)


def _remember_folds(window: "Window") -> None:
    """What the user once opened or folded stands so again."""
    folds = window.controller.state.recents.folds
    for section in window.findChildren(Section):
        if section.title in folds:
            section.decide(folds[section.title])
        section.decided.connect(window.controller.note_fold)


def _hand_keys_back(window: "Window") -> None:
    """Who leaves a field or a page goes on with the keys of the pictures."""
    stages, inspector = window.stages, window.inspector
    for field in (
        window.settings,
        window.health,
        window.transport.goto,
        stages.presets,
        stages.reducer,
        stages.limits.low,
        stages.limits.high,
        stages.alpha,
        inspector.conf,
        inspector.iou,
        inspector.most,
        inspector.classes,
        window.alter.channels.channel,
        window.alter.channels.factor,
        window.why.miss.top,
        window.why.miss.sliders.conf,
        window.why.miss.sliders.iou,
    ):
        field.left.connect(window.canvas.setFocus)

    def leave_page() -> None:
        # What was opened puts its page away by itself, perhaps while somebody types somewhere else by now.
        focused = window.focusWidget()
        types_elsewhere = isinstance(focused, QLineEdit) and focused.isVisible()
        if not types_elsewhere or window.canvas.isAncestorOf(focused):
            window.canvas.setFocus()

    def leave_search() -> None:
        # It lies beside what covers the pictures, and Escape leaves that as from anywhere else.
        window.keyboard.leave_cover()
        window.canvas.setFocus()

    window.pages.left.connect(leave_page)
    stages.search.left.connect(leave_search)
    stages.search.turned_away.connect(window.canvas.setFocus)
