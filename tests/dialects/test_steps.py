"""The dialect `steps`: frames to the byte, steps that only go forward, what each vocabulary must hold."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from tests.dialects.test_transcripts import rendered
from tests.support.stories import STORIES
from text2sql_ws.dialects.steps import Form, Steps
from text2sql_ws.events import PROGRESS, Event, HeartbeatSent, Stage, StageProgressed, Stamped
from text2sql_ws.texts import verbatim

AT, TEXT = datetime(2026, 11, 21, tzinfo=UTC), verbatim("…")
IDS = [f"step_00{number}" for number in range(1, 7)]
NAMES = [
    "analyzing_question",
    "select_datasource",
    "connect_db",
    "generate_sql",
    "execute_query",
    "configure_chart",
]
FORMS: tuple[Form, ...] = ("steps", "progress", "simple")

Body = dict[str, Any]


async def bodies(form: Form, story: str, whole_bytes: int = 4096) -> list[Body]:
    return read(rendered(Steps("st1", form, whole_bytes), await STORIES[story]()))


def read(frames: list[bytes]) -> list[Body]:
    return [orjson.loads(frame.removeprefix(b"data: ").removesuffix(b"\n\n")) for frame in frames]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("story", STORIES)
async def test_every_frame_is_data_and_an_empty_line_and_counts(form: Form, story: str) -> None:
    frames = rendered(Steps("st1", form, 4096), await STORIES[story]())
    for frame in frames:
        assert frame.startswith(b"data: {")
        assert frame.endswith(b"}\n\n")
        assert frame.count(b"\n") == 2
    told = read(frames)
    assert [body["sequence"] for body in told] == list(range(1, len(told) + 1))
    assert {body["sessionId"] for body in told} == {"st1"}
    assert all(body["timestamp"].endswith("Z") for body in told)


async def test_six_steps_begin_and_complete_in_order_each_naming_the_next() -> None:
    told = await bodies("steps", "answered")
    begun = [body["step"] for body in told if body["type"] == "step_start"]
    assert [step["id"] for step in begun] == IDS
    assert [step["name"] for step in begun] == NAMES
    assert begun[0]["title"] == "分析问题意图"
    done = [body for body in told if body["type"] == "step_complete"]
    assert [body["stepId"] for body in done] == IDS
    assert [body.get("nextStep", {}).get("id") for body in done] == [*IDS[1:], None]
    assert all(set(body["result"]) == {"summary", "data", "duration"} for body in done)
    final = told[-1]
    assert final["type"] == "final_complete"
    assert (final["summary"]["completedSteps"], final["summary"]["failedSteps"]) == (6, 0)
    assert final["summary"]["output"]["sql"].startswith("SELECT city")
    assert final["summary"]["output"]["data"][0] == {"city": "上海", "total": 3.5}
    assert final["summary"]["output"]["explanation"] == "上海最高。"


@pytest.mark.parametrize("story", STORIES)
async def test_within_a_step_progress_only_rises(story: str) -> None:
    seen: dict[str, int] = {}
    for body in await bodies("steps", story):
        if body["type"] == "step_progress":
            assert seen.get(body["stepId"], 0) <= body["progress"] <= 100
            seen[body["stepId"]] = body["progress"]


async def test_after_a_failed_step_come_none_but_the_end() -> None:
    told = await bodies("steps", "model_down")
    assert [body["type"] for body in told[-2:]] == ["step_error", "final_complete"]
    failed, final = told[-2:]
    assert failed["stepId"] == "step_004"
    assert set(failed["error"]) >= {"code", "title", "message", "suggestion", "canRetry"}
    assert (final["summary"]["completedSteps"], final["summary"]["failedSteps"]) == (3, 1)


async def test_a_rewrite_is_part_of_the_step_that_ran_the_sql() -> None:
    told = await bodies("steps", "rewritten")
    assert [body["step"]["id"] for body in told if body["type"] == "step_start"] == IDS
    again = [
        body
        for body in told
        if body["type"] == "step_content" and body["content"]["metadata"]["attempt"] == 2
    ]
    assert {body["stepId"] for body in again} == {"step_005"}


async def test_reasoning_is_told_apart_from_text() -> None:
    contents = [
        body["content"] for body in await bodies("steps", "answered") if body["type"] == "step_content"
    ]
    assert {content.get("reasoning") for content in contents if not content["text"]} == {"按城市汇总。"}
    assert "".join(content["text"] for content in contents if "reasoning" not in content).startswith("```sql")


async def test_a_cancelled_stream_ends_with_a_stream_error() -> None:
    told = await bodies("steps", "cancelled")
    assert told[-1]["type"] == "stream_error"
    assert told[-1]["error"]["code"] == "CANCELLED"


@pytest.mark.parametrize("story", STORIES)
async def test_the_reader_of_004_ends_up_with_the_story(story: str) -> None:
    """Its handler, as it stands there: what it reads of which field, and what it makes of it."""
    steps: dict[str, Body] = {name: {"status": "pending", "output": []} for name in IDS}
    completed, failed = False, None
    for data in await bodies("progress", story):
        match data["type"]:
            case "step_progress":
                steps[data["step"]["id"]] |= data["step"]
            case "content_stream" if data["content"] and data["stepId"]:
                steps[data["stepId"]]["output"].append(data["content"]["text"])
            case "step_completed":
                steps[data["step"]["id"]]["status"] = "completed"
                if "nextStep" in data:
                    steps[data["nextStep"]["id"]]["status"] = "running"
            case "error":
                failed, completed = data["content"]["text"], True
                if "step" in data:
                    steps[data["step"]["id"]]["status"] = "error"
            case "final":
                assert failed is None, "it would be shown as done"
                completed = True
    assert completed
    ends_well = story not in ("rewritten_in_vain", "not_read_only", "model_down", "cancelled")
    assert (failed is None) == ends_well
    if ends_well and story != "in_words":
        assert {step["status"] for step in steps.values()} == {"completed"}


async def test_the_simple_form_ends_with_finish_whatever_happened() -> None:
    for story in STORIES:
        assert (await bodies("simple", story))[-1]["type"] == "finish"
    result = (await bodies("simple", "answered"))[-2]
    assert result["type"] == "result"
    assert result["columns"] == [{"name": "city", "type": "string"}, {"name": "total", "type": "number"}]
    assert (result["rows"], result["row_count"]) == ([["上海", 3.5], ["北京", 2.0], [None, 1.0]], 3)


async def test_a_result_beyond_its_bound_is_cut_and_says_so() -> None:
    result = (await bodies("simple", "answered", whole_bytes=20))[-2]
    assert result["truncated"] is True
    assert len(result["rows"]) < result["row_count"]
    output = (await bodies("steps", "answered", whole_bytes=20))[-1]["summary"]["output"]
    assert output["truncated"] is True
    assert (len(output["data"]), output["rowCount"]) == (3, 3), "the first hundred are at hand all the same"


async def test_a_retry_counts_what_was_completed_before() -> None:
    story = await STORIES["own_sql"]()
    from_execution = [s for s in story if not _is_before_execution(s.event)]
    told = read(rendered(Steps("st2", "steps", 4096, kept=4), from_execution))
    assert told[0]["step"]["id"] == "step_005"
    assert told[-1]["summary"]["completedSteps"] == 6


def _is_before_execution(event: Event) -> bool:
    return isinstance(event, StageProgressed) and event.progress < PROGRESS[Stage.EXECUTING_SQL]


async def test_expected_durations_are_those_of_the_stages_within() -> None:
    seconds = {Stage.CONNECTING_DATABASE: 0.5, Stage.RETRIEVING_SCHEMA: 0.25}
    at = Stamped("q", AT, "zh", StageProgressed(Stage.CONNECTING_DATABASE, 20, TEXT), expected=seconds)
    (began,) = read(rendered(Steps("st1", "steps", 4096), [at]))
    assert began["step"]["estimatedDuration"] == 750


def test_a_heartbeat_is_a_comment() -> None:
    assert Steps("st1", "steps", 4096).notice(HeartbeatSent(), AT) == b": keep-alive\n\n"
