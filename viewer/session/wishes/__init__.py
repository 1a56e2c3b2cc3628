"""What a user can wish for, one group of wishes a room.

Every wish changes at once what is seen to change, and then asks it of the engine, whose answer comes later and has the
last word. A room holds the `Session` that all of them share and, where one wish includes another, the room of that
other; no room knows the controller, which gives their wishes to the window under one name.
"""
