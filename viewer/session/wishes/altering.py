"""Wishes to change channels of the network or its picture, to see in the same frame what is found then."""

from collections.abc import Callable
from dataclasses import replace

from viewer.core.alteration import MOST_FACTOR, UNALTERED, Alteration, ChannelEdit
from viewer.core.messages import Sweep, Swept
from viewer.core.overlap import Xyxy
from viewer.core.packet import FramePacket
from viewer.core.perturbation import KNOBS, Kind, Perturbation
from viewer.core.stage import Stage
from viewer.core.sweep import SweepWish
from viewer.render.plan import BoxPlan
from viewer.session.cover import first_cover, moved, resized
from viewer.session.picked import ChannelPick, picked_stage
from viewer.session.session import Session
from viewer.session.side import Side
from viewer.session.state import Level, Notice, ViewState
from viewer.session.sweeping import SweepState, after_news
from viewer.session.wishes.asking import Asking
from viewer.session.wishes.playing import Playing


class Altering:
    """Alters, and undoes it.

    Args:
        session: Whose frames are altered.
        asking: Tells the engine.
        playing: Stands still for a sweep.
        clock: Monotonic seconds.
    """

    def __init__(self, session: Session, asking: Asking, playing: Playing, clock: Callable[[], float]) -> None:
        self._session, self._asking, self._playing, self._clock = session, asking, playing, clock
        self._stood: Alteration | None = None  # what the engine does if it refuses the last wish
        self._owes_sweep = False
        session.watch(self._follow)

    @property
    def alteration(self) -> Alteration:
        """What is altered now."""
        return self._asking.asked.alteration

    # --- channels ---------------------------------------------------------------------------------------------------

    def pick_channel(self, node: str, channel: int) -> None:
        """Take a channel in hand; one beyond the stage's last becomes that."""
        stage = self._stage(node)
        most = channel if stage is None else stage.channels - 1
        self._session.update(pick=ChannelPick(node, min(max(channel, 0), most)))

    def mute(self, node: str, channel: int) -> None:
        """Let a channel be 0 from here on."""
        self._edit(ChannelEdit(node, channel))

    def solo(self, node: str, channel: int) -> None:
        """Let all other channels of its stage be 0, but those that are solo too."""
        self._edit(ChannelEdit(node, channel, 1.0, solo=True))

    def scale_channel(self, node: str, channel: int, factor: float) -> None:
        """Multiply a channel by 0 to 10; one that is solo stays so."""
        edit = self.alteration.edit_of(node, channel)
        is_solo = edit is not None and edit.solo
        self._edit(ChannelEdit(node, channel, min(max(factor, 0.0), MOST_FACTOR), solo=is_solo))

    def restore_channel(self, node: str, channel: int) -> None:
        """Let a channel be what the network makes of it."""
        self._alter(self.alteration.without(ChannelEdit(node, channel)))

    def toggle_mute(self) -> None:
        """Mute the channel in hand, or undo what is done to it."""
        self._toggle(self.mute)

    def toggle_solo(self) -> None:
        """Let the channel in hand alone be left, or undo what is done to it."""
        self._toggle(self.solo)

    # --- the picture ------------------------------------------------------------------------------------------------

    def perturb(self, kind: Kind, amount: float) -> None:
        """Perturb the picture this much; the amount that changes nothing takes it off."""
        knob = KNOBS[kind]
        self._alter(self.alteration.perturbed(Perturbation(kind, min(max(amount, knob.low), knob.high))))

    def occlude(self, xyxy: Xyxy | None) -> None:
        """Cover a rectangle of the picture, in source pixels; None, or one of no size, covers nothing."""
        self._alter(self.alteration.perturbed(Perturbation(Kind.OCCLUDE, rect=xyxy)))

    def occlude_object(self) -> None:
        """Cover the object that is followed, or the best while none is."""
        box = self._shown_box()
        if box is None:
            self._session.update(notice=Notice(Level.INFO, self._nothing_shown()))
            return
        self._session.update(side=Side.ALTER)
        self.occlude(box.xyxy)

    def hold_occluder(self, on: bool) -> None:
        """Let a drag over the picture draw and move what covers it, or move the picture as ever."""
        self._session.update(occluding=on, lookout=self._session.state.lookout and not on)

    def nudge_occluder(self, dx_px: int, dy_px: int, *, resize: bool = False) -> None:
        """Move what covers the picture, or its right and bottom edge; where nothing does, lay it in the middle."""
        frame, rect = self._session.plan.frame, self.alteration.occluder
        if frame is None:
            return
        change = resized if resize else moved
        self.occlude(first_cover(frame.image_hw) if rect is None else change(rect, frame.image_hw, dx_px, dy_px))

    def undo_all(self) -> None:
        """Leave network and picture as they are."""
        self._session.update(occluding=False)
        self._alter(UNALTERED)

    # --- which parts are needed -------------------------------------------------------------------------------------

    def sweep(self) -> None:
        """Find out which parts of this frame the followed object needs, or the best while none is followed; pauses."""
        session = self._session
        packet, box = session.packet, self._shown_box()
        if packet is None:
            return
        if box is None:
            session.update(notice=Notice(Level.INFO, self._nothing_shown()))
            return
        if session.state.transport.playing:
            self._playing.pause()
        if not self._shows_what_is_asked(packet):
            self._owes_sweep = True
            return
        wish = SweepWish(box.xyxy, box.label)
        session.update(sweep=SweepState(wish, box.text, packet.frame.index))
        session.send(Sweep(wish))

    def end_sweep(self) -> None:
        """Stop sweeping, or put its result away."""
        self._owes_sweep = False
        sweep = self._session.state.sweep
        if sweep is not None:
            self._session.update(sweep=None)
            if sweep.is_running:
                self._session.send(Sweep(None))

    # --- the engine's side ------------------------------------------------------------------------------------------

    def heard(self, news: Swept) -> None:
        """The engine says how far a sweep is."""
        self._session.update(sweep=after_news(self._session.state.sweep, news, self._clock()))

    def saw(self, packet: FramePacket) -> None:
        """A frame came: what was found out about another one says nothing about it."""
        self._stood = None
        sweep = self._session.state.sweep
        if sweep is not None and sweep.index != packet.frame.index:
            self.end_sweep()
        if self._owes_sweep and self._shows_what_is_asked(packet):
            self._owes_sweep = False
            self.sweep()

    def refused(self) -> None:
        """The engine cannot do what was wished for last, and alters what it did before."""
        stood, self._stood = self._stood, None
        if stood is not None:
            self._asking.ask(alteration=stood)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _shows_what_is_asked(self, packet: FramePacket) -> bool:
        """Whether a frame is altered as it shall be: the boxes of one that came before it was undone are of another."""
        return (packet.findings.alteration is not None) == bool(self.alteration)

    def _follow(self, before: ViewState, state: ViewState) -> None:
        """Who looks at one channel has it in hand."""
        was, shown = before.inquiry.channel, state.inquiry.channel
        if shown is not None and (was is None or (was.node, was.number) != (shown.node, shown.number)):
            self._session.update(pick=ChannelPick(shown.node, shown.number))

    def _edit(self, edit: ChannelEdit) -> None:
        stage = self._stage(edit.node)
        if stage is not None and 0 <= edit.channel < stage.channels:
            self._alter(self.alteration.edited(replace(edit, node=stage.node)))

    def _alter(self, alteration: Alteration) -> None:
        if alteration != self.alteration:
            self._stood = self.alteration
            self.end_sweep()
            self._asking.ask(alteration=alteration)

    def _toggle(self, alter: Callable[[str, int], None]) -> None:
        state = self._session.state
        stage = picked_stage(state.pick, state.stages, state.tapped)
        if stage is None:
            return
        channel = min(state.pick.channel, stage.channels - 1)
        before = self.alteration
        alter(stage.node, channel)
        if self.alteration == before:
            self.restore_channel(stage.node, channel)

    def _stage(self, node: str) -> Stage | None:
        return next((stage for stage in self._session.state.stages if node in (stage.node, *stage.aliases)), None)

    def _shown_box(self) -> BoxPlan | None:
        """The object that is followed, if it is there; the best while none is followed."""
        focus, boxes = self._session.state.focus, self._session.plan.boxes
        if focus is not None:
            return focus.box
        return boxes[-1] if boxes else None

    def _nothing_shown(self) -> str:
        focus = self._session.state.focus
        if focus is None:
            return "Nothing is found in this frame; go to one with a detection"
        return f"The {focus.name} that is followed is not found in this frame; let it go with Esc, or go to one with it"
