"""Ids are UUIDs of version 4, each another one."""

import uuid

from text2sql_ws.ids import new_id


def test_ids_are_random_uuids_in_their_common_form() -> None:
    made = [new_id() for _ in range(1000)]
    parsed = [uuid.UUID(one) for one in made]
    assert [str(one) for one in parsed] == made
    assert {(one.version, one.variant) for one in parsed} == {(4, uuid.RFC_4122)}
    assert len(set(made)) == len(made)
