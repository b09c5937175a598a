"""Sessions with members, for `chat`: who is in them, what is said, and the answers that all of them hear.

`outbox.py` is one connection's way out, `circles.py` who is in a session, `members.py` one connection's
commands, `answers.py` an answer on its way, `rooms.py` all of it together. Nothing here knows a socket.
"""
