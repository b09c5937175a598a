"""The revisions of our tables, oldest first: one module each in `versions`, written once and never changed.

A new revision is a new module there and a new last entry here; a test holds both to `tables.py`.
"""

REVISIONS = ("0001", "0002")
