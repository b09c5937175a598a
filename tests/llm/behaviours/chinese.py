"""Models hosted in China: DeepSeek, DashScope, Moonshot, Zhipu, MiniMax, Baidu, SiliconFlow."""

# ruff: noqa: E501 -- tables of bytes, a case a line

from tests.llm.behaviours.recording import (
    DONE,
    chunks_like,
    failed,
    refused,
    said,
    thought,
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

deepseek = chunks_like(
    '{"id":"d1","object":"chat.completion.chunk","created":1718345013,"model":"deepseek-chat","system_fingerprint":"fp",'
    '"choices":[{"index":0,"delta":@,"logprobs":null,"finish_reason":#}]}'
)
DEEPSEEK_LAST = deepseek('{"content":""}', "stop")[:-3] + (
    ',"usage":{"prompt_tokens":16,"completion_tokens":9,"total_tokens":25,"prompt_cache_hit_tokens":0}}\n\n'
)
DEEPSEEK_ROLE = deepseek('{"role":"assistant","content":null,"reasoning_content":""}')
DEEPSEEK = (
    said("usage beside the finish reason", deepseek('{"role":"assistant","content":""}') + deepseek("SELECT 1") + DEEPSEEK_LAST + DONE, usage=(16, 9)),
    said("reasoner", DEEPSEEK_ROLE + deepseek(thought("先")) + deepseek(thought("统计")) + deepseek('{"content":"SELECT 1","reasoning_content":null}')
         + DEEPSEEK_LAST + DONE, reasoning="先统计", usage=(16, 9)),
    said("keep-alive comments", ": keep-alive\n\n" * 5 + DEEPSEEK_ROLE + deepseek("SELECT 1") + DEEPSEEK_LAST + DONE, usage=(16, 9)),
    said("empty lines while it queues", "\n\n\n" * 5 + DEEPSEEK_ROLE + deepseek("SELECT 1") + DEEPSEEK_LAST + DONE, usage=(16, 9)),
    said("empty lines before a whole answer", "\n\n\n" + '{"choices":[{"index":0,"message":{"role":"assistant","content":"SELECT 1"},'
         '"finish_reason":"stop"}]}', content_type="application/json"),
    failed("insufficient_system_resource", deepseek("SELECT") + deepseek("{}", "insufficient_system_resource") + DONE, ServerFailed, "insufficient_system_resource"),
    failed("reasoner without an answer", DEEPSEEK_ROLE + deepseek(thought("hm")) + DEEPSEEK_LAST + DONE, EmptyAnswer, "thoughts"),
    failed("length", deepseek("SELECT") + deepseek("{}", "length") + DONE, Truncated),
    refused("401", "401 Unauthorized", '{"error":{"message":"Authentication Fails, Your api key: ****abcd is invalid","type":"authentication_error",'
            '"param":null,"code":"invalid_request_error"}}', AuthenticationRefused, "Your api key: *** is invalid"),
    refused("402", "402 Payment Required", '{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,'
            '"code":"invalid_request_error"}}', QuotaExhausted, "Insufficient Balance"),
    refused("422", "422 Unprocessable Entity", "Failed to deserialize the JSON body into the target type: missing field `messages`", BadRequest,
            "missing field", content_type="text/plain"),
    refused("503", "503 Service Unavailable", '{"error":{"message":"Service is too busy.","type":"service_unavailable_error"}}', ServerFailed),
    failed("comments until it gives up", ": keep-alive\n\n" * 9, Truncated),
)  # fmt: skip

qwen = chunks_like(
    '{"choices":[{"delta":@,"finish_reason":#,"index":0,"logprobs":null}],"object":"chat.completion.chunk","usage":null,'
    '"created":1718345013,"system_fingerprint":null,"model":"qwen-plus","id":"chatcmpl-q"}'
)
QWEN_USAGE = (
    'data: {"choices":[],"object":"chat.completion.chunk","usage":{"prompt_tokens":22,"completion_tokens":17,"total_tokens":39},'
    '"created":1718345013,"model":"qwen-plus","id":"chatcmpl-q"}\n\n'
)
DASHSCOPE = (
    said("usage at the end", qwen('{"content":"","role":"assistant"}') + qwen("SELECT 1") + qwen('{"content":""}', "stop") + QWEN_USAGE + DONE, usage=(22, 17)),
    said("thinking", qwen('{"content":null,"reasoning_content":"","role":"assistant"}') + qwen(thought("hm")) + qwen(
        '{"content":"SELECT 1","reasoning_content":null}') + qwen("", "stop") + QWEN_USAGE + DONE, reasoning="hm", usage=(22, 17)),
    said("ids and event names of its own", "id:1\nevent:result\n:HTTP_STATUS/200\n" + qwen("SELECT 1").replace("data: ", "data:")
         + "id:2\nevent:result\n:HTTP_STATUS/200\n" + qwen("", "stop").replace("data: ", "data:")),
    refused("400 inspected", "400 Bad Request", '{"error":{"code":"data_inspection_failed","param":null,"message":"Input data may contain '
            'inappropriate content.","type":"data_inspection_failed"},"id":"c","request_id":"r"}', ContentFiltered, "inappropriate"),
    failed("inspected in the stream", qwen("SELECT") + 'data: {"error":{"code":"data_inspection_failed","param":null,"message":"Output data '
           'may contain inappropriate content.","type":"data_inspection_failed"}}\n\n', ContentFiltered),
    refused("400 arrears", "400 Bad Request", '{"error":{"code":"Arrearage","param":null,"message":"Access denied, please make sure your account '
            'is in good standing.","type":"Arrearage"}}', QuotaExhausted, "good standing"),
    refused("401", "401 Unauthorized", '{"error":{"message":"Incorrect API key provided. ","type":"invalid_request_error","param":null,'
            '"code":"invalid_api_key"},"request_id":"r"}', AuthenticationRefused),
    refused("401 own shape", "401 Unauthorized", '{"code":"InvalidApiKey","message":"Invalid API-key provided.","request_id":"r"}',
            AuthenticationRefused, "Invalid API-key"),
    failed("own shape with status 200", '{"code":"Throttling.RateQuota","message":"Requests rate limit exceeded, please try again later.",'
           '"request_id":"r"}', RateLimited, "rate limit exceeded"),
    refused("404 model", "404 Not Found", '{"error":{"message":"The model `x` does not exist or you do not have access to it.","type":'
            '"invalid_request_error","param":null,"code":"model_not_found"}}', NotFound),
    refused("403 model", "403 Forbidden", '{"error":{"code":"access_denied","message":"Access denied.","type":"access_denied"}}', PermissionRefused),
    refused("429", "429 Too Many Requests", '{"error":{"message":"You exceeded your current requests list.","type":"limit_requests","param":null,'
            '"code":"limit_requests"}}', RateLimited),
    refused("400 must stream", "400 Bad Request", '{"error":{"code":"invalid_parameter_error","message":"This model only support stream mode",'
            '"type":"invalid_request_error"}}', BadRequest, "stream mode"),
    failed("own error event", 'id:1\nevent:error\n:HTTP_STATUS/400\ndata:{"code":"InvalidParameter","message":"url error","request_id":"r"}\n\n',
           BadRequest, "url error"),
)  # fmt: skip

kimi = chunks_like(
    '{"id":"cmpl-k","object":"chat.completion.chunk","created":1718345013,"model":"moonshot-v1-8k","choices":[{"index":0,'
    '"delta":@,"finish_reason":#}]}'
)
MOONSHOT = (
    said("usage inside the choice", kimi('{"role":"assistant","content":""}') + kimi("SELECT 1") + kimi("{}", "stop").replace(
        '"finish_reason":"stop"', '"finish_reason":"stop","usage":{"prompt_tokens":19,"completion_tokens":13,"total_tokens":32}') + DONE, usage=(19, 13)),
    said("thinking", kimi(thought("hm")) + kimi("SELECT 1") + kimi("{}", "stop") + DONE, reasoning="hm"),
    refused("429 engine", "429 Too Many Requests", '{"error":{"message":"The engine is currently overloaded","type":"engine_overloaded_error"}}', RateLimited),
    refused("429 quota", "429 Too Many Requests", '{"error":{"message":"Your account is not active, current state: exceeded quota",'
            '"type":"exceeded_current_quota_error"}}', QuotaExhausted),
    refused("400 filter", "400 Bad Request", '{"error":{"message":"The request was rejected because it was considered high risk",'
            '"type":"content_filter"}}', ContentFiltered, "high risk"),
    refused("401", "401 Unauthorized", '{"error":{"message":"Invalid Authentication","type":"invalid_authentication_error"}}', AuthenticationRefused),
    refused("404", "404 Not Found", '{"error":{"message":"Not found the model x or Permission denied","type":"resource_not_found_error"}}', NotFound),
    refused("404 of its gateway", "404 Not Found", '{"code":5,"error":"url.not_found","message":"没找到对象","method":"POST","scode":"0x5",'
            '"status":false,"ua":"x","url":"/v2/chat/completions"}', NotFound, "没找到对象"),
)  # fmt: skip

glm = chunks_like(
    '{"id":"2024","created":1718345013,"model":"glm-4","choices":[{"index":0,"finish_reason":#,"delta":@}]}'
)
ZHIPU = (
    said("finish reason beside usage", glm('{"role":"assistant","content":"SELECT 1"}') + glm('{"role":"assistant","content":""}', "stop")[:-3]
         + ',"usage":{"prompt_tokens":8,"completion_tokens":31,"total_tokens":39}}\n\n' + DONE, usage=(8, 31)),
    said("thinking", glm('{"role":"assistant","reasoning_content":"hm"}') + glm("SELECT 1") + glm("", "stop") + DONE, reasoning="hm"),
    failed("sensitive", glm("SELECT") + glm("", "sensitive") + DONE, ContentFiltered),
    failed("network_error", glm("SELECT") + glm("", "network_error") + DONE, ServerFailed),
    failed("error event in the stream", 'data: {"error":{"code":"1302","message":"您的账户已达到速率限制 (rate limit)"}}\n\n', RateLimited),
    refused("400 filter", "400 Bad Request", '{"contentFilter":[{"level":1,"role":"user"}],"error":{"code":"1301","message":"系统检测到输入或生成内容'
            '可能包含不安全或敏感内容"}}', ContentFiltered, "敏感内容"),
    refused("401", "401 Unauthorized", '{"error":{"code":"1000","message":"身份验证失败。"}}', AuthenticationRefused, "身份验证失败"),
    refused("429 balance", "429 Too Many Requests", '{"error":{"code":"1113","message":"您的账户余额不足或已欠费，请充值后重试。"}}', QuotaExhausted),
    refused("429 rate", "429 Too Many Requests", '{"error":{"code":"1305","message":"当前API请求过多，请稍后重试。"}}', RateLimited),
    refused("400 model", "400 Bad Request", '{"error":{"code":"1211","message":"模型不存在，请检查模型代码。"}}', BadRequest, "模型不存在"),
    refused("500 gateway", "500 Internal Server Error", '{"timestamp":"2025-06-01T08:00:00.000+00:00","status":500,"error":"Internal Server Error",'
            '"path":"/v4/chat/completions"}', ServerFailed, "Internal Server Error"),
)  # fmt: skip

minimax = chunks_like(
    '{"id":"m1","choices":[{"index":0,"finish_reason":#,"delta":@}],"created":1718345013,"model":"MiniMax-M1","object":"chat.completion.chunk"}'
)
MINIMAX_LAST = (
    'data: {"id":"m1","choices":[{"finish_reason":"stop","index":0,"message":{"content":"SELECT 1","role":"assistant"}}],"object":'
    '"chat.completion","usage":{"total_tokens":30},"base_resp":{"status_code":0,"status_msg":""}}\n\n'
)
MINIMAX = (
    said("the whole message once more at the end", minimax('{"content":"SELECT","role":"assistant"}') + minimax(" 1") + MINIMAX_LAST),
    said("base_resp of success between", minimax("SELECT 1") + 'data: {"choices":[],"base_resp":{"status_code":0,"status_msg":"success"}}\n\n'
         + minimax("", "stop")),
    said("only the last of it as a message", minimax("SELECT") + MINIMAX_LAST),
    failed("login failed with status 200", '{"id":"","choices":null,"created":0,"model":"","object":"","base_resp":{"status_code":1004,'
           '"status_msg":"login fail: Please carry the API secret key"}}', AuthenticationRefused, "login fail", content_type="application/json"),
    failed("rate limit with status 200", '{"base_resp":{"status_code":1002,"status_msg":"rate limit"}}', RateLimited),
    failed("balance with status 200", '{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}', QuotaExhausted),
)  # fmt: skip

ernie = chunks_like(
    '{"id":"as-1","object":"chat.completion.chunk","created":1718345013,"model":"ernie-4.5","choices":[{"index":0,"delta":@,"finish_reason":#,"flag":0}]}'
)
BAIDU = (
    said("finish reason empty until the end", ernie("SELECT", "") + ernie(" 1", "") + ernie("", "stop") + DONE),
    failed("token invalid with status 200", '{"error_code":110,"error_msg":"Access token invalid or no longer valid"}', AuthenticationRefused, "Access token"),
    failed("rate with status 200", '{"error_code":18,"error_msg":"Open api qps request limit reached"}', RateLimited),
    failed("in the stream", ernie("SELECT", "") + 'data: {"error_code":336100,"error_msg":"try again later","id":"as-1"}\n\n', ServerFailed, "try again later"),
    refused("401", "401 Unauthorized", '{"error":{"code":"invalid_iam_token","message":"IAM Certification failed","type":"invalid_request_error"},"id":"as"}',
            AuthenticationRefused, "IAM"),
)  # fmt: skip

silicon = chunks_like('{"id":"s1","object":"chat.completion.chunk","created":1718345013,"model":"Qwen/QwQ-32B","choices":[{"index":0,"delta":@,"finish_reason":#}],'
                      '"system_fingerprint":"","usage":{"prompt_tokens":10,"completion_tokens":6,"total_tokens":16}}')  # fmt: skip
SILICONFLOW = (
    said("usage counted in every chunk", silicon('{"content":null,"reasoning_content":"hm","role":"assistant"}') + silicon("SELECT 1")
         + silicon("", "stop") + DONE, reasoning="hm", usage=(10, 6)),
    refused("403 balance", "403 Forbidden", '{"code":30001,"message":"Sorry, your account balance is insufficient","data":null}', PermissionRefused, "balance"),
    refused("400 model", "400 Bad Request", '{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}', BadRequest),
    refused("401 a bare string", "401 Unauthorized", '"Invalid token"', AuthenticationRefused),
    refused("429", "429 Too Many Requests", '{"message":"Request was rejected due to rate limiting.","data":null}', RateLimited),
    refused("504 in words", "504 Gateway Time-out", "", ServerFailed, "HTTP 504"),
)  # fmt: skip

SERVERS = {
    "DeepSeek": DEEPSEEK, "DashScope": DASHSCOPE, "Moonshot": MOONSHOT, "Zhipu": ZHIPU, "MiniMax": MINIMAX, "Baidu": BAIDU,
    "SiliconFlow": SILICONFLOW,
}  # fmt: skip
