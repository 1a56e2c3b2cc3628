"""The window, and the only package that knows Qt.

`app.run` opens it on a `Config`. `window` holds the views; a view emits wishes and shows what it is given, and decides
nothing. `layout` places them, `wiring` leads their wishes to the session's controller, `keyboard` does what keys are
for, and `showing` brings all of them to what holds. `bridge` is the one place where another thread reaches the window.
`tile_view` paints all tiles in one go from the plan that `viewer.session.resolve` made, with `picture` for the frame
and `painter` for everything on it; `canvas` takes the mouse over them. `theme`, `tokens` and `icons` are the look;
nothing else names a colour.
`keys` is the table of actions, `tips` tells its keys in tooltips; `settings_page` shows what the user can set for good,
and `settings_desk` lets it take effect.

The process that runs this imports neither torch nor OpenCV nor PyAV.
"""
