"""OpenAI and Azure OpenAI."""

# ruff: noqa: E501 -- tables of bytes, a case a line

from tests.llm.behaviours.recording import (
    DONE,
    Behaviour,
    Fails,
    Says,
    answer_like,
    chunks_like,
    failed,
    ok,
    refused,
    said,
    whole,
)
from text2sql_ws.llm.faults import (
    AuthenticationRefused,
    BadRequest,
    ContentFiltered,
    EmptyAnswer,
    NotFound,
    PermissionRefused,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
    Truncated,
)

gpt = chunks_like(
    '{"id":"chatcmpl-9f","object":"chat.completion.chunk","created":1718345013,"model":"gpt-4o-2024-08-06",'
    '"service_tier":"default","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":@,'
    '"logprobs":null,"finish_reason":#}],"usage":null,"obfuscation":"aGVsbG8"}'
)
USAGE = (
    'data: {"id":"chatcmpl-9f","object":"chat.completion.chunk","created":1718345013,"model":"gpt-4o-2024-08-06",'
    '"choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,'
    '"completion_tokens_details":{"reasoning_tokens":0}}}\n\n'
)
ROLE = gpt('{"role":"assistant","content":"","refusal":null}')
BODY = ROLE + gpt("SELECT") + gpt(" 1")
COMPLETION = (
    '{"id":"chatcmpl-9f","object":"chat.completion","created":1718345013,"model":"gpt-4o","choices":[{"index":0,'
    '"message":{"role":"assistant","content":@,"refusal":null},"logprobs":null,"finish_reason":#}],'
    '"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}}'
)


def error(message: str, kind: str, code: str = "null", param: str = "null") -> str:
    return f'{{"error":{{"message":"{message}","type":"{kind}","param":{param},"code":{code}}}}}'


def two_choices(first: str, second: str) -> str:
    pair = (
        '{"index":1,"delta":{"content":"DROP"},"finish_reason":null}',
        f'{{"index":0,"delta":{{"content":"{first}"}},"finish_reason":{second}}}',
    )
    return f'data: {{"object":"chat.completion.chunk","choices":[{",".join(pair)}]}}\n\n'


OPENAI = (
    said("usage in the last chunk", BODY + gpt(finish="stop") + USAGE + DONE, usage=(19, 10)),
    said("no usage", BODY + gpt(finish="stop") + DONE),
    said("finish reason beside the last content", ROLE + gpt("SELECT") + gpt(" 1", "stop") + DONE),
    said("only role and null deltas between", ROLE + gpt('{"content":null}') + BODY + gpt("null") + gpt(finish="stop")),
    said("refusal as a delta of its own", ROLE + gpt('{"refusal":"I can\'t"}') + gpt(finish="stop") + DONE, "I can't"),
    said("several choices, only the first counts", two_choices("SELECT", "null") + two_choices(" 1", '"stop"') + DONE),
    said("a choice without an index", BODY.replace('"index":0,', "") + gpt(finish="stop").replace('"index":0,', "")),
    said("content of Chinese and emoji", ROLE + gpt("SELECT '销售😀'") + gpt(finish="stop") + DONE, "SELECT '销售😀'"),
    said(
        "escaped surrogate pair in one delta",
        ROLE + gpt('{"content":"\\ud83d\\ude00"}') + gpt(finish="stop") + DONE,
        "😀",
    ),
    said(
        "older completions interface",
        'data: {"object":"text_completion","choices":[{"text":"SELECT","index":0,"finish_reason":null}]}\n\n'
        'data: {"object":"text_completion","choices":[{"text":" 1","index":0,"finish_reason":"stop"}]}\n\n' + DONE,
    ),
    said("stream refused silently: a whole answer", answer_like(COMPLETION), usage=(19, 10)),
    said(
        "whole answer as application/json",
        answer_like(COMPLETION),
        usage=(19, 10),
        content_type="application/json",
    ),
    failed("whole answer cut by length", answer_like(COMPLETION, finish="length"), Truncated, "limit"),
    failed("length", BODY + gpt(finish="length") + USAGE + DONE, Truncated, "limit of its length"),
    failed("content_filter", BODY + gpt(finish="content_filter") + DONE, ContentFiltered),
    failed(
        "a tool call and nothing else",
        gpt('{"role":"assistant","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"q",'
            '"arguments":""}}]}') + gpt('{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}')
        + gpt(finish="tool_calls") + DONE,
        EmptyAnswer,
        "tool",
    ),
    said("content beside a tool call", BODY + gpt(finish="tool_calls") + DONE),
    failed("older function call", gpt('{"function_call":{"name":"q"}}') + gpt(finish="function_call"), EmptyAnswer),
    failed("nothing said", ROLE + gpt(finish="stop") + USAGE + DONE, EmptyAnswer, "is empty"),
    failed("only white space", ROLE + gpt("  \n") + gpt(finish="stop") + DONE, EmptyAnswer),
    failed("no finish reason and no end mark", BODY, Truncated, "ended early"),
    failed("the role and then the end", ROLE, Truncated),
    said("end mark, but no finish reason", BODY + DONE),
    failed(
        "error event in the middle",
        BODY + f"data: {error('The server had an error while processing your request', 'server_error')}\n\n",
        ServerFailed,
        "server had an error",
    ),
    refused(
        "401 wrong key",
        "401 Unauthorized",
        error("Incorrect API key provided: sk-abcd************wxyz.", "invalid_request_error", '"invalid_api_key"'),
        AuthenticationRefused,
        "HTTP 401, Incorrect API key provided: ***",
    ),
    refused(
        "403 country",
        "403 Forbidden",
        error("Country, region, or territory not supported", "request_forbidden", '"unsupported_country"'),
        PermissionRefused,
        "territory",
    ),
    refused(
        "404 model",
        "404 Not Found",
        error("The model `gpt-9` does not exist", "invalid_request_error", '"model_not_found"'),
        NotFound,
        "`gpt-9`",
    ),
    refused(
        "400 context length",
        "400 Bad Request",
        error("This model's maximum context length is 8192 tokens.", "invalid_request_error",
              '"context_length_exceeded"', '"messages"'),
        BadRequest,
        "8192",
    ),
    refused(
        "429 rate",
        "429 Too Many Requests",
        error("Rate limit reached for gpt-4o", "requests", '"rate_limit_exceeded"'),
        RateLimited,
        "try again in 20 s",
        retry_after="20",
    ),
    refused(
        "429 quota",
        "429 Too Many Requests",
        error("You exceeded your current quota", "insufficient_quota", '"insufficient_quota"'),
        QuotaExhausted,
    ),
    refused("500", "500 Internal Server Error", error("Server error", "server_error"), ServerFailed, "HTTP 500"),
    refused("503 overloaded", "503 Service Unavailable", error("The engine is overloaded", "server_error"), ServerFailed),
    refused("408", "408 Request Timeout", error("Request timed out", "timeout"), ServerFailed),
    refused("409", "409 Conflict", error("Try again", "conflict"), ServerFailed),
)  # fmt: skip

azure = chunks_like(
    '{"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"delta":@,'
    '"finish_reason":#,"index":0,"logprobs":null}],"created":1718345013,"id":"chatcmpl-az","model":"gpt-4o",'
    '"object":"chat.completion.chunk","system_fingerprint":"fp_67802d9a6d"}'
)
PROMPT_FILTER = (
    'data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,'
    '"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}\n\n'
)
ASYNC_FILTER = (
    'data: {"id":"","object":"","created":0,"model":"","choices":[{"index":0,"finish_reason":null,'
    '"content_filter_results":{"hate":{"filtered":false}},"content_filter_offsets":{"check_offset":44}}]}\n\n'
)
AZURE_BODY = PROMPT_FILTER + azure('{"role":"assistant","content":""}') + azure("SELECT") + azure(" 1")

AZURE = (
    said("first chunk without choices", AZURE_BODY + azure(finish="stop") + DONE),
    said("usage in a chunk without choices", AZURE_BODY + azure(finish="stop") + USAGE + DONE, usage=(19, 10)),
    said("asynchronous filter: chunks without a delta", AZURE_BODY + ASYNC_FILTER + azure(finish="stop") + ASYNC_FILTER + DONE),
    failed("filtered in the middle", AZURE_BODY + azure(finish="content_filter") + DONE, ContentFiltered),
    refused(
        "400 prompt filtered",
        "400 Bad Request",
        '{"error":{"message":"The response was filtered due to the prompt triggering content management policy",'
        '"type":null,"param":"prompt","code":"content_filter","status":400,"innererror":'
        '{"code":"ResponsibleAIPolicyViolation"}}}',
        ContentFiltered,
        "content management policy",
    ),
    refused(
        "401 code as text",
        "401 Unauthorized",
        '{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}',
        AuthenticationRefused,
        "subscription key",
    ),
    refused(
        "401 of the API management",
        "401 Unauthorized",
        '{ "statusCode": 401, "message": "Unauthorized. Access token is missing, invalid" }',
        AuthenticationRefused,
        "token is missing",
    ),
    refused("404 resource", "404 Not Found", '{"error":{"code":"404","message": "Resource not found"}}', NotFound),
    refused(
        "404 deployment",
        "404 Not Found",
        '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
        NotFound,
        "deployment",
    ),
    refused(
        "429 with milliseconds",
        "429 Too Many Requests",
        '{"error":{"code":"429","message":"Requests have exceeded token rate limit. Please retry after 7 seconds."}}',
        RateLimited,
        "try again in 7 s",
        retry_after_ms="6500",
        retry_after="9",
    ),
    refused(
        "500 upstream", "500 Internal Server Error",
        '{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}', ServerFailed,
    ),
    refused("503 without a body", "503 Service Unavailable", "", ServerFailed, "HTTP 503"),
    failed("cut before any choice", PROMPT_FILTER, Truncated, "ended early"),
    Behaviour("a whole answer, 200 with its length", (whole("200 OK", answer_like(COMPLETION)),), Says("SELECT 1", usage=(19, 10))),
    Behaviour("an error with status 200", (ok('{"error":{"code":"429","message":"slow down"}}'),), Fails(RateLimited)),
)  # fmt: skip

SERVERS = {"OpenAI": OPENAI, "Azure": AZURE}
