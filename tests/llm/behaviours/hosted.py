"""Hosted models and routers: LiteLLM, OpenRouter, Groq, Mistral, Together, Fireworks, Anthropic, Google."""

# ruff: noqa: E501 -- tables of bytes, a case a line

from tests.llm.behaviours.recording import (
    DONE,
    answer_like,
    chunks_like,
    failed,
    refused,
    said,
)
from text2sql_ws.llm.faults import (
    AuthenticationRefused,
    BadRequest,
    ContentFiltered,
    EmptyAnswer,
    NotFound,
    PermissionRefused,
    ProtocolBroken,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
    Truncated,
)

litellm = chunks_like(
    '{"id":"chatcmpl-l1","created":1718345013,"model":"gpt-4o","object":"chat.completion.chunk","choices":'
    '[{"finish_reason":#,"index":0,"delta":@}],"stream_options":{"include_usage":true}}'
)
LITELLM_ROLE = litellm('{"content":"SELECT","role":"assistant"}')
LITELLM = (
    said("plain", LITELLM_ROLE + litellm(" 1") + litellm(finish="stop") + DONE),
    said("usage beside an empty delta", LITELLM_ROLE + litellm(" 1") + litellm(finish="stop")
         + 'data: {"id":"l1","choices":[{"index":0,"delta":{}}],"usage":{"completion_tokens":2,"prompt_tokens":9,"total_tokens":11}}\n\n'
         + DONE, usage=(9, 2)),
    said("thinking blocks beside reasoning", litellm('{"content":"","reasoning_content":"hm","thinking_blocks":[{"type":"thinking",'
         '"thinking":"hm","signature":""}]}') + LITELLM_ROLE + litellm(" 1") + litellm(finish="stop") + DONE, reasoning="hm"),
    failed("error in the stream", LITELLM_ROLE + 'data: {"error": {"message": "litellm.APIConnectionError: closed", "type": null, '
           '"param": null, "code": "500"}}\n\n', ServerFailed, "APIConnectionError"),
    failed("rate limit in the stream", 'data: {"error": {"message": "litellm.RateLimitError", "type": "throttling_error", '
           '"param": null, "code": "429"}}\n\n', RateLimited),
    refused("401 virtual key", "401 Unauthorized", '{"error":{"message":"Authentication Error, Invalid proxy server token passed. '
            'Received API Key = sk-...1234","type":"token_not_found_in_db","param":"key","code":"401"}}', AuthenticationRefused),
    refused("400 budget", "400 Bad Request", '{"error":{"message":"Budget has been exceeded! Current cost: 1.2, Max budget: 1.0",'
            '"type":"budget_exceeded","param":null,"code":"400"}}', BadRequest, "Budget"),
    refused("400 model", "400 Bad Request", '{"error":{"message":"Invalid model name passed in model=x","type":"invalid_request_error",'
            '"param":"model","code":"400"}}', BadRequest, "Invalid model name"),
    refused("429 no deployments", "429 Too Many Requests", '{"error":{"message":"No deployments available for selected model, Try again '
            'in 5 seconds.","type":"None","param":"None","code":"429"}}', RateLimited),
    refused("500 detail object", "500 Internal Server Error", '{"detail":{"error":"No connected db."}}', ServerFailed, "No connected db"),
    failed("null chunks then nothing", 'data: {"id":"l1","choices":[{"index":0,"delta":null,"finish_reason":null}]}\n\n', Truncated),
)  # fmt: skip

router = chunks_like(
    '{"id":"gen-1","provider":"DeepInfra","model":"deepseek/deepseek-r1","object":"chat.completion.chunk","created":'
    '1718345013,"choices":[{"index":0,"delta":@,"finish_reason":#,"native_finish_reason":#,"logprobs":null}]}'
)
WAIT = ": OPENROUTER PROCESSING\n\n"
OPENROUTER = (
    said("comments while it waits", WAIT * 3 + router('{"role":"assistant","content":"SELECT 1"}') + router("", "stop") + DONE),
    said("usage beside the last delta", WAIT + router("SELECT 1") + router("", "stop")
         + 'data: {"id":"gen-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":'
         '{"prompt_tokens":14,"completion_tokens":3,"total_tokens":17,"cost":0.00014}}\n\n' + DONE, usage=(14, 3)),
    said("reasoning and its details", router('{"content":"","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm"}]}')
         + router("SELECT 1") + router("", "stop") + DONE, reasoning="hm"),
    said("reasoning in details only", router('{"content":"","reasoning_details":[{"type":"reasoning.text","text":"h"},'
         '{"type":"reasoning.summary","summary":"m"},{"type":"reasoning.encrypted","data":"xx"}]}') + router("SELECT 1")
         + router("", "stop") + DONE, reasoning="hm"),
    failed("error as a finish reason", router("SELECT") + 'data: {"id":"gen-1","error":{"code":502,"message":"Provider disconnected"},'
           '"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\n', ServerFailed, "Provider disconnected"),
    failed("error inside the choice", 'data: {"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"error":{"code":429,"message":'
           '"upstream rate"},"finish_reason":"error"}]}\n\n', RateLimited, "upstream rate"),
    failed("finish reason error alone", router("SELECT") + router("", "error"), ServerFailed),
    failed("error instead of a stream", WAIT + 'data: {"error":{"code":503,"message":"No instances available"},"user_id":"u1"}\n\n', ServerFailed),
    failed("bare error after comments", WAIT + '{"error":{"code":402,"message":"Insufficient credits"}}', QuotaExhausted, "credits"),
    refused("402", "402 Payment Required", '{"error":{"message":"This request requires more credits","code":402}}', QuotaExhausted),
    refused("403 moderation", "403 Forbidden", '{"error":{"message":"Input was flagged","code":403,"metadata":{"reasons":["x"]}}}',
            PermissionRefused, "flagged"),
    refused("404 no endpoints", "404 Not Found", '{"error":{"message":"No endpoints found for x","code":404}}', NotFound),
    refused("429 upstream", "429 Too Many Requests", '{"error":{"message":"Provider returned error","code":429,"metadata":'
            '{"raw":"temporarily rate-limited upstream","provider_name":"X"}}}', RateLimited),
    refused("502", "502 Bad Gateway", '{"error":{"message":"Provider returned error","code":502}}', ServerFailed),
    failed("comments and then nothing", WAIT * 4, Truncated, "ended early"),
)  # fmt: skip

groq = chunks_like(
    '{"id":"chatcmpl-g","object":"chat.completion.chunk","created":1718345013,"model":"llama-3.3-70b","system_fingerprint":'
    '"fp_2","choices":[{"index":0,"delta":@,"logprobs":null,"finish_reason":#}]}'
)
GROQ_USAGE = ',"x_groq":{"id":"req_1","usage":{"queue_time":0.01,"prompt_tokens":12,"completion_tokens":5,"total_tokens":17}}}\n\n'
GROQ = (
    said("usage in x_groq", groq('{"role":"assistant","content":""}') + groq("SELECT 1") + groq("{}", "stop")[:-3] + GROQ_USAGE + DONE,
         usage=(12, 5)),
    said("x_groq first and without usage", groq('{"role":"assistant","content":""}')[:-3] + ',"x_groq":{"id":"req_1"}}\n\n'
         + groq("SELECT 1") + groq("{}", "stop") + DONE),
    said("parsed reasoning", groq('{"reasoning":"hm","channel":"analysis"}') + groq("SELECT 1") + groq("{}", "stop") + DONE, reasoning="hm"),
    failed("error in x_groq's stream", 'event: error\ndata: {"error":{"message":"Over capacity","type":"internal_server_error",'
           '"code":"over_capacity","status_code":503}}\n\n', ServerFailed, "Over capacity"),
    refused("413 too large", "413 Payload Too Large", '{"error":{"message":"Request too large for model `x` on tokens per minute (TPM)",'
            '"type":"tokens","code":"rate_limit_exceeded"}}', BadRequest, "too large"),
    refused("429", "429 Too Many Requests", '{"error":{"message":"Rate limit reached. Please try again in 7.66s.","type":"tokens",'
            '"code":"rate_limit_exceeded"}}', RateLimited, "try again in 8 s", retry_after="7.66"),
    refused("498 capacity", "498 Custom", '{"error":{"message":"Flex tier capacity exceeded"}}', BadRequest, "HTTP 498"),
)  # fmt: skip

mistral = chunks_like(
    '{"id":"b1","object":"chat.completion.chunk","created":1718345013,"model":"mistral-large","choices":[{"index":0,'
    '"delta":@,"finish_reason":#}]}'
)
MISTRAL_LAST = (
    'data: {"id":"b1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],'
    '"usage":{"prompt_tokens":5,"total_tokens":12,"completion_tokens":7}}\n\n'
)
MISTRAL = (
    said("usage beside the finish reason", mistral('{"role":"assistant","content":""}') + mistral("SELECT 1") + MISTRAL_LAST + DONE, usage=(5, 7)),
    said("content in parts", mistral('{"content":[{"type":"text","text":"SELECT"},{"type":"text","text":" 1"}]}') + MISTRAL_LAST, usage=(5, 7)),
    said("thinking in parts", mistral('{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}')
         + mistral('{"content":[{"type":"text","text":"SELECT 1"}]}') + MISTRAL_LAST + DONE, reasoning="hm", usage=(5, 7)),
    said("references between the parts", mistral('{"content":[{"type":"text","text":"SELECT 1"},{"type":"reference","reference_ids":[1]}]}')
         + mistral("", "stop") + DONE),
    failed("model_length", mistral("SELECT") + mistral("", "model_length") + DONE, Truncated, "limit"),
    failed("error as a finish reason", mistral("SELECT") + mistral("", "error") + DONE, ServerFailed),
    refused("401", "401 Unauthorized", '{"detail":"Unauthorized"}', AuthenticationRefused),
    refused("401 of its gateway", "401 Unauthorized", '{\n  "message":"Unauthorized",\n  "request_id":"abc"\n}', AuthenticationRefused, "Unauthorized"),
    refused("400", "400 Bad Request", '{"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500"}',
            BadRequest, "Invalid model"),
    refused("422 with a message object", "422 Unprocessable Entity", '{"object":"error","message":{"detail":[{"type":"extra_forbidden",'
            '"loc":["body","foo"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"}', BadRequest, "Extra inputs"),
    refused("429", "429 Too Many Requests", '{"message":"Requests rate limit exceeded"}', RateLimited, "rate limit exceeded"),
)  # fmt: skip

together = chunks_like(
    '{"id":"8f","object":"chat.completion.chunk","created":1718345013,"choices":[{"index":0,"text":"","logprobs":null,'
    '"finish_reason":#,"seed":null,"delta":@}],"model":"meta-llama/Llama-3.3-70B","usage":null}'
)
TOGETHER = (
    said("text beside the delta", together('{"token_id":1,"role":"assistant","content":"SELECT 1","tool_calls":null}').replace(
        '"text":""', '"text":"SELECT 1"') + together('{"content":""}', "eos") + DONE),
    said("finish reason eos", together("SELECT 1") + together("", "eos") + DONE),
    said("usage beside the finish reason", together("SELECT 1") + together("", "stop").replace('"usage":null',
         '"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}') + DONE, usage=(7, 2)),
    failed("length", together("SELECT") + together("", "length") + DONE, Truncated),
    failed("an error in the stream", together("SELECT") + 'data: {"error":{"message":"Internal server error","type":"server_error",'
           '"param":null,"code":null},"id":"8f"}\n\n', ServerFailed),
    refused("422", "422 Unprocessable Entity", '{"id":"n1","error":{"message":"Input validation error: inputs must have less than 8193 '
            'tokens","type":"invalid_request_error","param":"max_tokens","code":null}}', BadRequest, "8193"),
    refused("429", "429 Too Many Requests", '{"id":"n1","error":{"message":"You have reached your rate limit","type":"invalid_request_error"'
            ',"param":null,"code":"model_rate_limit"}}', RateLimited),
    refused("503", "503 Service Unavailable", "upstream connect error or disconnect/reset before headers", ServerFailed,
            "upstream connect error", content_type="text/plain"),
)  # fmt: skip

fireworks = chunks_like(
    '{"id":"f1","object":"chat.completion.chunk","created":1718345013,"model":"accounts/fireworks/models/x","choices":'
    '[{"index":0,"delta":@,"finish_reason":#}],"usage":null}'
)
FIREWORKS = (
    said("usage beside the finish reason", fireworks('{"role":"assistant"}') + fireworks("SELECT 1") + fireworks("{}", "stop").replace(
        '"usage":null', '"usage":{"prompt_tokens":6,"total_tokens":9,"completion_tokens":3}') + DONE, usage=(6, 3)),
    said("think tags over deltas", fireworks("<") + fireworks("think") + fireworks(">hm</th") + fireworks("ink>SELECT 1")
         + fireworks("{}", "stop") + DONE, reasoning="hm"),
    refused("404 model", "404 Not Found", '{"error":{"object":"error","type":"invalid_request_error","code":"NOT_FOUND","message":'
            '"Model not found, inaccessible, and/or not deployed"}}', NotFound, "not deployed"),
    refused("401", "401 Unauthorized", '{"error":{"object":"error","type":"invalid_request_error","code":"UNAUTHORIZED","message":'
            '"The API key you provided is invalid."}}', AuthenticationRefused),
    refused("412 suspended", "412 Precondition Failed", '{"error":{"object":"error","type":"invalid_request_error","message":'
            '"Account is suspended"}}', BadRequest, "suspended"),
    failed("an error in the stream", 'data: {"error":{"object":"error","type":"internal_server_error","code":"internal_server_error",'
           '"message":"server had an error"}}\n\n', ServerFailed),
)  # fmt: skip

claude = chunks_like(
    '{"id":"msg_01","choices":[{"index":0,"delta":@,"finish_reason":#}],"created":1718345013,"model":"claude-sonnet-4",'
    '"object":"chat.completion.chunk"}'
)
ANTHROPIC = (
    said("plain", claude('{"role":"assistant"}') + claude("SELECT 1") + claude("{}", "stop") + DONE),
    said("end_turn of a gateway", claude("SELECT 1") + claude("{}", "end_turn") + DONE),
    said("pings of a gateway", 'event: ping\ndata: {"type": "ping"}\n\n' + claude("SELECT 1") + 'event: ping\ndata: {"type":"ping"}\n\n'
         + claude("{}", "stop") + DONE),
    failed("max_tokens of a gateway", claude("SELECT") + claude("{}", "max_tokens") + DONE, Truncated),
    failed("refusal of a gateway", claude("I") + claude("{}", "refusal") + DONE, ContentFiltered),
    failed("overloaded in the stream", claude("SELECT") + 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error",'
           '"message":"Overloaded"}}\n\n', ServerFailed, "Overloaded"),
    refused("529 overloaded", "529 Overloaded", '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}',
            ServerFailed, "HTTP 529, Overloaded"),
    refused("401", "401 Unauthorized", '{"error":{"code":"authentication_error","message":"invalid x-api-key","type":"authentication_error",'
            '"param":null}}', AuthenticationRefused),
    refused("400 credit", "400 Bad Request", '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too '
            'low to access the API."}}', BadRequest, "credit balance"),
    refused("413", "413 Payload Too Large", '{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}',
            BadRequest),
    failed("tool_use of a gateway", claude("{}", "tool_use") + DONE, EmptyAnswer, "tool"),
)  # fmt: skip

gemini = chunks_like(
    '{"choices":[{"delta":@,"finish_reason":#,"index":0}],"created":1718345013,"id":"g1","model":"gemini-2.5-flash",'
    '"object":"chat.completion.chunk","usage":{"completion_tokens":4,"prompt_tokens":8,"total_tokens":30}}'
)
GOOGLE_ERROR = '[{"error":{"code":@,"message":"#","status":"INVALID_ARGUMENT"}}]'
GOOGLE = (
    said("usage in every chunk", gemini('{"content":"SELECT","role":"assistant"}') + gemini(" 1", "stop") + DONE, usage=(8, 4)),
    said("STOP in capitals", gemini("SELECT 1", "STOP") + DONE, usage=(8, 4)),
    failed("MAX_TOKENS", gemini("SELECT", "MAX_TOKENS") + DONE, Truncated),
    failed("SAFETY", gemini("{}", "SAFETY") + DONE, ContentFiltered),
    failed("all tokens spent on hidden thoughts", gemini('{"role":"assistant"}', "length") + DONE, Truncated),
    refused("400 as a list", "400 Bad Request", GOOGLE_ERROR.replace("@", "400").replace("#", "API key not valid. Please pass a valid API key."),
            BadRequest, "API key not valid"),
    refused("404 as a list, indented", "404 Not Found", '[{\n  "error": {\n    "code": 404,\n    "message": "models/x is not found",\n'
            '    "status": "NOT_FOUND"\n  }\n}\n]\n', NotFound, "models/x is not found"),
    refused("429 as a list", "429 Too Many Requests", GOOGLE_ERROR.replace("@", "429").replace("#", "Resource has been exhausted"), RateLimited),
    failed("a list with status 200, indented", '[{\n  "error": {\n    "code": 503,\n    "message": "The model is overloaded.",\n'
           '    "status": "UNAVAILABLE"\n  }\n}\n]\n', ServerFailed, "overloaded", content_type="application/json; charset=UTF-8"),
    said("a whole answer, indented", answer_like('{\n  "choices": [\n    {\n      "finish_reason": #,\n      "index": 0,\n      "message": {\n'
         '        "content": @,\n        "role": "assistant"\n      }\n    }\n  ],\n  "usage": {\n    "prompt_tokens": 8,\n'
         '    "completion_tokens": 4\n  }\n}\n'), usage=(8, 4), content_type="application/json"),
    failed("an empty list", "[]", ProtocolBroken, content_type="application/json"),
)  # fmt: skip

SERVERS = {
    "LiteLLM": LITELLM, "OpenRouter": OPENROUTER, "Groq": GROQ, "Mistral": MISTRAL, "Together": TOGETHER,
    "Fireworks": FIREWORKS, "Anthropic": ANTHROPIC, "Google": GOOGLE,
}  # fmt: skip
