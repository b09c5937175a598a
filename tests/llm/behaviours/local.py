"""Servers that people run themselves: vLLM, SGLang, Ollama, llama.cpp, LM Studio, TGI, Xinference."""

# ruff: noqa: E501 -- tables of bytes, a case a line

from tests.llm.behaviours.recording import (
    DONE,
    RESET,
    Behaviour,
    Fails,
    Says,
    answer_like,
    chunks_like,
    failed,
    ok,
    refused,
    said,
    thought,
    until_close,
)
from text2sql_ws.llm.faults import (
    AuthenticationRefused,
    BadRequest,
    ConnectionFailed,
    EmptyAnswer,
    NotFound,
    ProtocolBroken,
    RateLimited,
    ServerFailed,
    Truncated,
)

vllm = chunks_like(
    '{"id":"chatcmpl-5f","object":"chat.completion.chunk","created":1718345013,"model":"Qwen/Qwen2.5-72B",'
    '"choices":[{"index":0,"delta":@,"logprobs":null,"finish_reason":#,"stop_reason":null}]}'
)
counting = chunks_like(
    '{"id":"chatcmpl-5f","object":"chat.completion.chunk","model":"Qwen/Qwen2.5-72B","choices":[{"index":0,'
    '"delta":@,"logprobs":null,"finish_reason":#}],"usage":{"prompt_tokens":31,"total_tokens":33,'
    '"completion_tokens":2}}'
)
VLLM_USAGE = (
    'data: {"id":"chatcmpl-5f","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":31,'
    '"total_tokens":35,"completion_tokens":4,"prompt_tokens_details":null}}\n\n'
)
ROLE = vllm('{"role":"assistant","content":""}')
BODY = ROLE + vllm("SELECT") + vllm(" 1")
THINK = vllm("<think>\n") + vllm("count") + vllm(" it") + vllm("\n</think>") + vllm("\n\n")

VLLM = (
    said("plain", BODY + vllm("", "stop") + DONE),
    said("usage at the end", BODY + vllm("", "stop") + VLLM_USAGE + DONE, usage=(31, 4)),
    said(
        "usage in every chunk",
        counting("SELECT") + counting(" 1") + counting("", "stop") + VLLM_USAGE + DONE,
        usage=(31, 4),
    ),
    said("reasoning parser", ROLE + vllm(thought("count it")) + BODY + vllm("", "stop") + DONE, reasoning="count it"),
    said(
        "reasoning by its newer name",
        ROLE + vllm(thought("count", "reasoning")) + BODY + vllm("", "stop") + DONE,
        reasoning="count",
    ),
    said(
        "both names at once",
        ROLE + vllm('{"reasoning":"hm","reasoning_content":"hm"}') + BODY + vllm("", "stop") + DONE,
        reasoning="hm",
    ),
    said(
        "both names, and not the same",
        ROLE + vllm('{"reasoning":"other","reasoning_content":"hm"}') + BODY + vllm("", "stop") + DONE,
        reasoning="hm",
    ),
    said("usage that shrinks at the end", BODY + VLLM_USAGE + counting("", "stop").replace("31", "1") + DONE, usage=(31, 4)),
    failed("length, and then a stop", BODY + vllm("", "length") + vllm("", "stop") + DONE, Truncated),
    failed("a stop, and then length", BODY + vllm("", "stop") + vllm("", "length") + DONE, Truncated),
    said("no reasoning parser", ROLE + THINK + BODY + vllm("", "stop") + DONE, "\n\nSELECT 1", "\ncount it\n"),
    said(
        "thoughts opened by the prompt",
        ROLE + vllm("count it\n</think>\n") + BODY + vllm("", "stop") + DONE,
        "count it\n</think>\nSELECT 1",
    ),
    failed("thinking to the limit", ROLE + THINK.partition(vllm("\n</think>"))[0] + vllm("", "length") + DONE, Truncated, "limit"),
    failed("only thoughts", ROLE + vllm(thought("hm")) + vllm("", "stop") + DONE, EmptyAnswer, "thoughts"),
    failed("abort", BODY + vllm("", "abort") + DONE, ServerFailed, "abort"),
    said("a stop string", BODY + vllm("", "stop").replace('"stop_reason":null', '"stop_reason":";"') + DONE),
    failed(
        "older error object in the stream",
        BODY + 'data: {"object":"error","message":"CUDA out of memory","type":"InternalServerError","param":null,'
        '"code":500}\n\n' + DONE,
        ServerFailed,
        "CUDA out of memory",
    ),
    failed(
        "newer error object in the stream",
        BODY + 'data: {"error":{"message":"EngineCore died","type":"InternalServerError","code":500}}\n\n' + DONE,
        ServerFailed,
        "EngineCore",
    ),
    refused(
        "400 older error object",
        "400 Bad Request",
        '{"object":"error","message":"This model\'s maximum context length is 4096 tokens.","type":'
        '"BadRequestError","param":null,"code":400}',
        BadRequest,
        "4096",
    ),
    refused(
        "404 model",
        "404 Not Found",
        '{"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}}',
        NotFound,
    ),
    refused("401", "401 Unauthorized", '{"error":"Unauthorized"}', AuthenticationRefused, "Unauthorized"),
    refused("404 of its framework", "404 Not Found", '{"detail":"Not Found"}', NotFound, "HTTP 404, Not Found"),
    refused(
        "422 of its framework",
        "422 Unprocessable Entity",
        '{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{}}]}',
        BadRequest,
        "body.messages: Field required",
    ),
    refused("500 in words", "500 Internal Server Error", "Internal Server Error", ServerFailed,
            "Internal Server Error", content_type="text/plain"),
    Behaviour("killed in the middle", (ok(BODY)[:-7], RESET), Fails(ConnectionFailed, "lost")),
    failed("ended in the middle", BODY, Truncated),
)  # fmt: skip

sglang = chunks_like(
    '{"id":"0f3e","object":"chat.completion.chunk","created":1718345013,"model":"default","choices":[{"index":0,'
    '"delta":@,"logprobs":null,"finish_reason":#,"matched_stop":null}],"usage":null}'
)
SGLANG_ROLE = sglang('{"role":"assistant","content":"","reasoning_content":null,"tool_calls":null}')

SGLANG = (
    said("plain", SGLANG_ROLE + sglang("SELECT 1") + sglang("{}", "stop") + DONE),
    said(
        "reasoning, and content null",
        SGLANG_ROLE + sglang('{"role":null,"content":null,"reasoning_content":"hm"}') + sglang("SELECT 1")
        + sglang(finish="stop") + DONE,
        reasoning="hm",
    ),
    failed("abort", SGLANG_ROLE + sglang("SEL") + sglang("", "abort") + DONE, ServerFailed),
    failed(
        "error in the stream",
        'data: {"error": {"object":"error","message":"The request queue is full.","type":"SERVICE_UNAVAILABLE",'
        '"param":null,"code":503}}\n\ndata: [DONE]\n\n',
        ServerFailed,
        "queue is full",
    ),
    refused(
        "400",
        "400 Bad Request",
        '{"object":"error","message":"Input is too long","type":"BadRequestError","param":null,"code":400}',
        BadRequest,
        "too long",
    ),
    refused("401", "401 Unauthorized", '{"error":"Unauthorized"}', AuthenticationRefused),
    said("end mark without a space", SGLANG_ROLE + sglang("SELECT 1") + sglang("", "stop") + "data:[DONE]\n\n"),
    said("matched stop token", SGLANG_ROLE + sglang("SELECT 1") + sglang("", "stop").replace("null}]", "151645}]")),
)  # fmt: skip

ollama = chunks_like(
    '{"id":"chatcmpl-351","object":"chat.completion.chunk","created":1718345013,"model":"qwen3:8b",'
    '"system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":@,"finish_reason":#}]}'
)
NATIVE = (
    '{"model":"qwen3","created_at":"2025-06-01T08:00:00Z","message":{"role":"assistant","content":"SELECT"},"done":false}\n'
    '{"model":"qwen3","created_at":"2025-06-01T08:00:00Z","message":{"role":"assistant","content":" 1"},"done":false}\n'
)
NATIVE_END = (
    '{"model":"qwen3","created_at":"2025-06-01T08:00:01Z","message":{"role":"assistant","content":""},'
    '"done_reason":"@","done":true,"total_duration":5191566416,"prompt_eval_count":26,"eval_count":8}\n'
)
OLLAMA = (
    said("plain", ollama('{"role":"assistant","content":"SELECT 1"}') + ollama('{"role":"assistant","content":""}', "stop") + DONE),
    said("reasoning", ollama('{"role":"assistant","content":"","reasoning":"hm"}') + ollama("SELECT 1") + ollama("", "stop") + DONE, reasoning="hm"),
    said("think tags", ollama("<think>") + ollama("hm") + ollama("</think>") + ollama("SELECT 1") + ollama("", "stop") + DONE, reasoning="hm"),
    said("empty think tags", ollama("<think>\n\n</think>\n\n") + ollama("SELECT 1") + ollama("", "stop") + DONE, "\n\nSELECT 1", "\n\n"),
    failed("length", ollama("SELECT") + ollama("", "length") + DONE, Truncated),
    refused(
        "404 model, OpenAI shape", "404 Not Found",
        '{"error":{"message":"model \\"x\\" not found, try pulling it first","type":"api_error","param":null,"code":null}}',
        NotFound, "pulling it first",
    ),
    refused("404 model, own shape", "404 Not Found", '{"error":"model \'x\' not found"}', NotFound, "not found"),
    refused("404 wrong path", "404 Not Found", "404 page not found", NotFound, "page not found", content_type="text/plain"),
    refused("500 runner", "500 Internal Server Error", '{"error":{"message":"llama runner process has terminated: '
            'signal: killed","type":"api_error"}}', ServerFailed, "terminated"),
    failed("error in the stream", ollama("SEL") + 'data: {"error":{"message":"an error was encountered while running the model",'
           '"type":"api_error"}}\n\n', ServerFailed, "encountered"),
    said("its own interface, a line a chunk", NATIVE + NATIVE_END.replace("@", "stop"), usage=(26, 8), content_type="application/x-ndjson"),
    failed("its own interface, at its limit", NATIVE + NATIVE_END.replace("@", "length"), Truncated, content_type="application/x-ndjson"),
    failed("its own interface, an error", NATIVE + '{"error":"unexpected EOF"}\n', ServerFailed, "unexpected EOF"),
    failed("its own interface, cut", NATIVE, Truncated),
)  # fmt: skip

llama = chunks_like(
    '{"choices":[{"finish_reason":#,"index":0,"delta":@}],"created":1718345013,"id":"chatcmpl-Xy","model":'
    '"gpt-3.5-turbo","object":"chat.completion.chunk"}'
)
TIMINGS = (
    'data: {"choices":[],"created":1718345013,"id":"chatcmpl-Xy","model":"gpt-3.5-turbo","object":'
    '"chat.completion.chunk","usage":{"completion_tokens":4,"prompt_tokens":11,"total_tokens":15},"timings":'
    '{"prompt_n":11,"predicted_n":4,"predicted_per_second":41.5}}\n\n'
)
LLAMA_BODY = llama('{"role":"assistant","content":null}') + llama("SELECT") + llama(" 1")
LLAMA_CPP = (
    said("content null with the role", LLAMA_BODY + llama("{}", "stop") + TIMINGS + DONE, usage=(11, 4)),
    Behaviour("no end mark, older versions", (until_close(LLAMA_BODY + llama("{}", "stop")),), Says("SELECT 1")),
    said("reasoning", llama(thought("hm")) + LLAMA_BODY + llama("{}", "stop") + DONE, reasoning="hm"),
    failed(
        "an error line", LLAMA_BODY + 'error: {"code":500,"message":"failed to decode the batch","type":"server_error"}\n\n',
        ServerFailed, "failed to decode",
    ),
    failed("an error line first", 'error: {"code":400,"message":"context shift is disabled","type":"invalid_request_error"}\n\n', BadRequest),
    failed("an error line in words", "error: out of slots\n\n", ServerFailed, "out of slots"),
    refused("503 loading", "503 Service Unavailable", '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}',
            ServerFailed, "Loading model"),
    refused("401", "401 Unauthorized", '{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}',
            AuthenticationRefused),
    refused("400 context", "400 Bad Request", '{"error":{"code":400,"message":"the request exceeds the available context size",'
            '"type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}}', BadRequest, "context size"),
    refused("501", "501 Not Implemented", '{"error":{"code":501,"message":"This server does not support chat",'
            '"type":"not_supported_error"}}', ServerFailed, "HTTP 501"),
    said("half a character in a delta", LLAMA_BODY.encode() + b'data: {"choices":[{"index":0,"delta":{"content":"\xe4\xbd"},'
         b'"finish_reason":null}]}\n\n' + llama("{}", "stop").encode(), "SELECT 1\ufffd"),
    failed("length", LLAMA_BODY + llama("{}", "length") + DONE, Truncated),
    failed("eos without a finish reason or end", LLAMA_BODY + llama("{}", ""), Truncated),
)  # fmt: skip

studio = chunks_like(
    '{"id":"chatcmpl-q1","object":"chat.completion.chunk","created":1718345013,"model":"qwen2.5","system_fingerprint":'
    '"qwen2.5","choices":[{"index":0,"delta":@,"logprobs":null,"finish_reason":#}]}'
)
LM_STUDIO = (
    said("plain", studio('{"role":"assistant","content":"SELECT 1"}') + studio(finish="stop") + DONE),
    said("think tags", studio("<think>hm</think>") + studio("SELECT 1") + studio(finish="stop") + DONE, reasoning="hm"),
    failed("error event", 'event: error\ndata: {"error":{"message":"Model unloaded."}}\n\n', ServerFailed, "Model unloaded"),
    failed("error event in the middle", studio("SEL") + 'event: error\ndata: {"message":"The model has crashed"}\n\n', ServerFailed, "crashed"),
    failed("error event in words", "event: error\ndata: Context overflow\n\n", ServerFailed, "Context overflow"),
    failed("error with status 200", '{"error":"Unexpected endpoint or method. (POST /chat/completions)"}', ServerFailed,
           "Unexpected endpoint", content_type="application/json"),
    refused("400 no model", "400 Bad Request", '{"error":{"message":"No models loaded.","type":"invalid_request_error",'
            '"param":"model","code":"model_not_found"}}', NotFound, "No models loaded"),
    refused("400 in words", "400 Bad Request", '{"error":"Trying to keep the first 5000 tokens"}', BadRequest, "5000"),
)  # fmt: skip

tgi = chunks_like(
    '{"object":"chat.completion.chunk","id":"","created":1718345013,"model":"mistral","system_fingerprint":"3.0-sha",'
    '"choices":[{"index":0,"delta":@,"logprobs":null,"finish_reason":#}],"usage":null}'
)
TGI = (
    said("role in every delta", tgi('{"role":"assistant","content":"SELECT"}') + tgi('{"role":"assistant","content":" 1"}')
         + tgi('{"role":"assistant","content":""}', "eos_token") + DONE),
    said("stop_sequence", tgi("SELECT 1") + tgi("", "stop_sequence") + DONE),
    said("data without a space", (tgi("SELECT 1") + tgi("", "stop")).replace("data: ", "data:")),
    said("no end mark", tgi("SELECT 1") + tgi("", "stop")),
    failed("length", tgi("SELECT 1") + tgi("", "length"), Truncated),
    failed("an error in the stream", 'data:{"error":"Request failed during generation: CUDA error","error_type":"generation"}\n\n',
           ServerFailed, "CUDA error"),
    failed("newer error in the stream", 'data: {"error":{"message":"Incomplete generation","http_status_code":500}}\n\n', ServerFailed),
    refused("422 validation", "422 Unprocessable Entity", '{"error":"Input validation error: `inputs` tokens + `max_new_tokens` '
            'must be <= 4096","error_type":"validation"}', BadRequest, "4096"),
    refused("429 overloaded", "429 Too Many Requests", '{"error":"Model is overloaded","error_type":"overloaded"}', RateLimited),
    refused("424 generation", "424 Failed Dependency", '{"error":"Request failed during generation","error_type":"generation"}', BadRequest),
)  # fmt: skip

XINFERENCE = (
    said("plain", 'data: {"id": "chat1", "model": "qwen", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": '
         '{"content": "SELECT 1"}, "finish_reason": null}]}\r\n\r\ndata: {"choices": [{"index": 0, "delta": {"content": ""}, '
         '"finish_reason": "stop"}]}\r\n\r\ndata: [DONE]\r\n\r\n'),
    said("pings of its framework", ": ping - 2025-06-01 08:00:00.000000\r\n\r\n" + (BODY + vllm("", "stop")).replace("\n", "\r\n")),
    failed("an error in the stream", 'data: {"error": "[address=0.0.0.0:1, pid=2] Remote server closed"}\r\n\r\n', ServerFailed, "Remote server"),
    refused("400 detail", "400 Bad Request", '{"detail":"Model not found in the model list, uid: x"}', BadRequest, "uid: x"),
    failed("a whole answer of nothing", answer_like('{"choices":[{"message":{"content":@},"finish_reason":#}]}', ""), EmptyAnswer),
    failed("JSON of something else", '{"models":["qwen"]}', ProtocolBroken, "no chat completion"),
)  # fmt: skip

SERVERS = {
    "vLLM": VLLM, "SGLang": SGLANG, "Ollama": OLLAMA, "llama.cpp": LLAMA_CPP, "LM Studio": LM_STUDIO, "TGI": TGI,
    "Xinference": XINFERENCE,
}  # fmt: skip
