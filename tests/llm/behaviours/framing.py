"""Server-sent events, JSON and text as servers twist them, whichever server it is."""

# ruff: noqa: E501 -- tables of bytes, a case a line

from tests.llm.behaviours.openai import BODY, ROLE, gpt
from tests.llm.behaviours.recording import DONE, Behaviour, Fails, Says, failed, ok, said, thought
from text2sql_ws.llm.faults import EmptyAnswer, ProtocolBroken, Truncated

STOP = gpt(finish="stop")
STREAM = BODY + STOP + DONE


def raw(content: bytes) -> bytes:
    return (
        b'data: {"choices":[{"index":0,"delta":{"content":"' + content + b'"},"finish_reason":"stop"}]}\n\n'
    )


EVENTS = (
    said("CRLF", STREAM.replace("\n", "\r\n")),
    said("CR", STREAM.replace("\n", "\r")),
    said("line ends mixed", BODY.replace("\n", "\r\n") + STOP.replace("\n", "\r") + DONE),
    said("no space after data:", STREAM.replace("data: ", "data:")),
    said("two spaces after data:", STREAM.replace("data: ", "data:  ")),
    said("end mark with trailing space", BODY + STOP + "data: [DONE]  \n\n"),
    said("a byte order mark", "\ufeff" + STREAM),
    said("a byte order mark before JSON", '\ufeff{"choices":[{"message":{"content":"SELECT 1"},"finish_reason":"stop"}]}'),
    said("comments between", ":\n\n" + STREAM.replace("\n\n", "\n\n: ping\n\n")),
    said("comments inside an event", STREAM.replace("data: ", ": ping\ndata: ")),
    said("event, id and retry", "retry: 3000\n\n" + STREAM.replace("data: ", "event: message\nid: 7\ndata: ")),
    said("an id with NUL", STREAM.replace("data: ", "id: 1\0x\ndata: ")),
    said("unknown fields", STREAM.replace("data: ", "foo: bar\nbaz\ndata: ")),
    said("a field named like data", STREAM.replace("data: ", "database: x\ndata: ")),
    said("JSON over several data lines", STREAM.replace('"choices":', '\ndata: "choices":\ndata: ')),
    said("events with a single line end", STREAM.replace("\n\n", "\n")),
    said("more empty lines than needed", STREAM.replace("\n\n", "\n\n\n\n")),
    said("last event without its blank line", BODY + STOP.rstrip("\n")),
    said("last event without its blank line, after CR", BODY + STOP.rstrip("\n") + "\r"),
    said("events with empty data", "data:\n\n" + STREAM + "data\n\n"),
    said("data after the end mark", STREAM + gpt("; DROP TABLE x") + "data: {broken\n\n"),
    said("an error after the end mark", STREAM + 'data: {"error":"late"}\n\n'),
    said("an error after the finish reason", BODY + STOP + 'data: {"error":"late"}\n\n'),
    said("usage after the end mark is not waited for", STREAM + 'data: {"choices":[],"usage":{"prompt_tokens":1}}\n\n'),
    said("end mark as a JSON string", BODY + 'data: "[DONE]"\n\n'),
    said("a foreign event that is no JSON", "event: heartbeat\ndata: still here\n\n" + STREAM),
    failed("cut inside the last event", BODY + STOP[:40], Truncated, "ended early"),
    failed("cut before the last blank line, and no end", BODY + "data: ", Truncated),
    failed("only the end mark", DONE, EmptyAnswer),
    failed("null as data", "data: null\n\n" + DONE, EmptyAnswer),
    failed("only comments", ": hello\n\n" * 3, Truncated),
    failed("a line of 10 MiB", b"data: " + b"x" * (10 << 20), ProtocolBroken, "too large"),
    failed("an event of 10 MiB in short lines", b"data: " + b"data: xxxxxxx\n" * (10 << 16), ProtocolBroken, "too large"),
    failed("comments of 10 MiB", b": xxxxxxx\n" * (1 << 20), ProtocolBroken, "too large"),
    failed("bytes that are nothing", b"\x00\x01\x02\xff" * 64, ProtocolBroken, "can't be understood"),
)  # fmt: skip

TEXTS = (
    said("U+2028, U+2029 and U+0085 in the content", gpt("a\u2028b\u2029c\u0085d", "stop"), "a\u2028b\u2029c\u0085d"),
    Behaviour("the same, not escaped", (ok(raw("a\u2028b\u0085c".encode())),), Says("a\u2028b\u0085c")),
    Behaviour("form feed and vertical tab unescaped", (ok(raw(b"a\x0bb\x0cc")),), Says("a\x0bb\x0cc")),
    Behaviour("NUL escaped", (ok(raw(b"a\\u0000b")),), Says("a\0b")),
    Behaviour("invalid UTF-8", (ok(raw(b"a\xff\xfeb")),), Says("a\ufffd\ufffdb")),
    Behaviour("overlong and cut UTF-8", (ok(raw(b"\xe4\xbd") + DONE.encode()),), Says("\ufffd")),
    said("surrogates split over deltas", gpt('{"content":"\\ud83d"}') + gpt('{"content":"\\ude00!"}', "stop"), "😀!"),
    said("surrogates split, text before", gpt('{"content":"a\\ud83d"}') + gpt('{"content":"\\ude00"}', "stop"), "a😀"),
    said("a high surrogate alone", gpt('{"content":"a\\ud83d"}') + gpt("b", "stop"), "a\ufffdb"),
    said("a high surrogate alone at the end", gpt('{"content":"a\\ud83d"}') + STOP, "a\ufffd"),
    said("a low surrogate alone", gpt('{"content":"a\\ude00b"}') + STOP, "a\ufffdb"),
    said("surrogates split in reasoning", gpt('{"reasoning_content":"\\ud83d"}') + gpt('{"reasoning_content":"\\ude00"}') + gpt("x", "stop"), "x", "😀"),
    said("NaN and Infinity in the chunk", BODY.replace('"logprobs":null', '"logprobs":NaN') + STOP.replace('"usage":null', '"usage":-Infinity')),
    said("a number of 400 digits", BODY.replace("1718345013", "9" * 400) + STOP),
    said("keys twice", gpt('{"content":"no","content":"SELECT 1"}', "stop")),
    said("control characters unescaped", BODY + gpt('{"content":"\ta\tb"}', "stop"), "SELECT 1\ta\tb"),
    failed("JSON 100,000 deep", "data: " + "[" * 100_000 + "\n\n", ProtocolBroken),
    failed("a deep delta", gpt('{"content":' + '{"text":' * 900 + '"x"' + "}" * 900 + "}", "stop"), EmptyAnswer),
    failed("a Python dict", "data: {'choices': [{'delta': {'content': 'x'}}]}\n\n", ProtocolBroken, "can't be understood"),
    said("types that make no sense", 'data: {"choices":[{"index":0,"delta":{"content":5,"reasoning":{},"role":7},"finish_reason":0}],'
         '"usage":"none","model":3}\n\n' + 'data: {"choices":{}}\n\ndata: {"choices":[7]}\n\ndata: {"choices":null}\n\ndata: 7\n\n' + STREAM),
    said("usage of strange numbers", STREAM.replace('"usage":null', '"usage":{"prompt_tokens":"7","completion_tokens":-3}')),
)  # fmt: skip

THOUGHTS = (
    said("tags in one delta", gpt("<think>hm</think>SELECT 1", "stop"), reasoning="hm"),
    said("tags cut at every letter", "".join(map(gpt, "<think>hm</think>SELECT 1")) + STOP, reasoning="hm"),
    said("tags in capitals", gpt("<THINK>hm</THINK>SELECT 1", "stop"), reasoning="hm"),
    said("thinking instead of think", gpt("<thinking>hm</thinking>SELECT 1", "stop"), reasoning="hm"),
    said("twice", gpt("<think>a</think>SELECT<think>b</think> 1", "stop"), reasoning="ab"),
    said("less-than in SQL", gpt("SELECT a <") + gpt(" 1 OR b <t") + gpt("x", "stop"), "SELECT a < 1 OR b <tx"),
    said("an unfinished tag at the end", gpt("SELECT a <thi", "stop"), "SELECT a <thi"),
    said("angle brackets in thoughts", gpt("<think>a < b </ c</think>SELECT 1", "stop"), reasoning="a < b </ c"),
    said("thoughts in both places", gpt(thought("one ")) + gpt("<think>two</think>SELECT 1", "stop"), reasoning="one two"),
    said("a whole answer with thoughts", '{"choices":[{"message":{"content":"<think>hm</think>SELECT 1"},"finish_reason":"stop"}]}', reasoning="hm"),
    said("a whole answer with reasoning", '{"choices":[{"message":{"content":"SELECT 1","reasoning_content":"hm"},"finish_reason":"stop"}]}', reasoning="hm"),
    failed("never closed", gpt("<think>hm SELECT 1", "stop"), EmptyAnswer, "thoughts"),
    failed("never closed and cut", gpt("<think>hm SELECT 1"), Truncated),
    failed("nothing after them", gpt("<think>hm</think>\n", "stop"), EmptyAnswer, "thoughts"),
    Behaviour("role, thoughts, silence", (ok(ROLE + gpt(thought("hm"))),), Fails(Truncated)),
)  # fmt: skip

SERVERS = {"events": EVENTS, "texts": TEXTS, "thoughts": THOUGHTS}
