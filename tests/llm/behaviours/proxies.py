"""What stands in between: nginx, Cloudflare, corporate gateways, load balancers; and connections that break."""

# ruff: noqa: E501 -- tables of bytes, a case a line

from tests.llm.behaviours.openai import BODY, COMPLETION, USAGE, gpt
from tests.llm.behaviours.recording import (
    DONE,
    RESET,
    Behaviour,
    Fails,
    Says,
    answer_like,
    deflated,
    failed,
    gzipped,
    ok,
    refused,
    said,
    until_close,
    whole,
)
from text2sql_ws.llm.faults import (
    AuthenticationRefused,
    BadRequest,
    ConnectionFailed,
    NotFound,
    PermissionRefused,
    ProtocolBroken,
    RateLimited,
    ServerFailed,
    Truncated,
)

STREAM = BODY + gpt(finish="stop") + DONE
PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
LOGIN = '<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8"><title>\n  统一身份认证 &amp; 登录\n</title><script>\n{"data": 1}\n</script></head></html>'

NGINX = (
    refused("502", "502 Bad Gateway", PAGE.format("502 Bad Gateway"), ServerFailed, "HTTP 502, 502 Bad Gateway", content_type="text/html"),
    refused("504", "504 Gateway Time-out", PAGE.format("504 Gateway Time-out"), ServerFailed, "Time-out", content_type="text/html"),
    refused("413", "413 Request Entity Too Large", PAGE.format("413 Request Entity Too Large"), BadRequest, "Too Large", content_type="text/html"),
    refused("404", "404 Not Found", PAGE.format("404 Not Found"), NotFound, "404 Not Found", content_type="text/html"),
    refused("405 a static site", "405 Not Allowed", PAGE.format("405 Not Allowed"), BadRequest, "405 Not Allowed", content_type="text/html"),
    refused("401 basic", "401 Unauthorized", PAGE.format("401 Authorization Required"), AuthenticationRefused, content_type="text/html"),
    refused("503 asks to wait", "503 Service Temporarily Unavailable", PAGE.format("503"), ServerFailed, "try again in 12 s", content_type="text/html", retry_after="12"),
    failed("page with status 200", PAGE.format("Welcome to nginx!"), ProtocolBroken, "web page instead of an answer: Welcome to nginx!", content_type="text/html"),
    failed("page labelled as a stream", PAGE.format("Maintenance"), ProtocolBroken, "Maintenance"),
    failed("page without a title", "<body><p>Please <b>log in</b></p></body>", ProtocolBroken, "Please log in", content_type="text/html"),
    failed("page that ends in the middle", PAGE.format("Oops")[:60], ProtocolBroken, "Oops", content_type="text/html"),
    failed("login page with scripts", LOGIN, ProtocolBroken, "统一身份认证 & 登录", content_type="text/html"),
    refused("gbk page", "502 Bad Gateway", "<html><title>网关错误</title></html>".encode("gbk"), ServerFailed, "网关错误", content_type="text/html; charset=gbk"),
    refused("page of an unknown charset", "502 Bad Gateway", PAGE.format("Bad"), ServerFailed, "Bad", content_type="text/html; charset=klingon"),
)  # fmt: skip

CLOUDFLARE = (
    refused("403 challenge", "403 Forbidden", "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>", PermissionRefused,
            "Just a moment...", content_type="text/html; charset=UTF-8"),
    refused("524", "524 Unknown", "<!DOCTYPE html><html><head><title>api.example.com | 524: A timeout occurred</title></head></html>", ServerFailed,
            "524: A timeout occurred", content_type="text/html"),
    refused("520 plain", "520 Unknown", "error code: 520", ServerFailed, "error code: 520", content_type="text/plain"),
    refused("its API's errors", "400 Bad Request", '{"success":false,"errors":[{"code":7003,"message":"Could not route to /accounts"}],"messages":[],'
            '"result":null}', BadRequest, "Could not route"),
    refused("429 of the firewall", "429 Too Many Requests", "error code: 1015", RateLimited, "error code: 1015", content_type="text/plain", retry_after="15"),
    refused("problem details", "502 Bad Gateway", '{"type":"about:blank","title":"Bad Gateway","status":502,"detail":"The origin is down"}', ServerFailed,
            "The origin is down", content_type="application/problem+json"),
)  # fmt: skip

GATEWAYS = (
    failed("words with status 200", "upstream connect error or disconnect/reset before headers", ProtocolBroken, "upstream connect error", content_type="text/plain"),
    failed("words as data", "data: Internal Server Error\n\n", ProtocolBroken, "Internal Server Error"),
    failed("words as data in the middle", BODY + "data: upstream timed out\n\n", ProtocolBroken, "upstream timed out"),
    refused("Kong", "429 Too Many Requests", '{"message":"API rate limit exceeded"}', RateLimited, "API rate limit exceeded"),
    refused("Kong, no route", "404 Not Found", '{"message":"no Route matched with those values","request_id":"r"}', NotFound, "no Route matched"),
    refused("AWS", "403 Forbidden", '{"Message":"User is not authorized to access this resource"}', PermissionRefused, "not authorized"),
    refused("Apigee", "401 Unauthorized", '{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"oauth.v2.InvalidApiKey"}}}', AuthenticationRefused, "Invalid ApiKey"),
    refused("Spring", "404 Not Found", '{"timestamp":1718345013,"status":404,"error":"Not Found","path":"/v1/chat/completions"}', NotFound, "Not Found"),
    refused("one-api", "401 Unauthorized", '{"error":{"message":"无效的令牌 (request id: 2024)","type":"new_api_error"}}', AuthenticationRefused, "无效的令牌"),
    refused("one-api, no channel", "503 Service Unavailable", '{"error":{"message":"当前分组 default 下对于模型 x 无可用渠道","type":"one_api_error"}}', ServerFailed, "无可用渠道"),
    failed("a business code with status 200", '{"code":401,"msg":"token expired","data":null}', AuthenticationRefused, "token expired", content_type="application/json"),
    failed("a wrapped error with status 200", '{"error":{"error":{"message":"nested","type":"invalid_request_error","code":400}}}', BadRequest, "nested"),
    refused("error in an error", "500 Internal Server Error", '{"error":{"message":"","type":"","code":""}}', ServerFailed, "HTTP 500"),
    refused("a body that is no JSON, though it says so", "500 Internal Server Error", "oops {", ServerFailed, "oops {"),
    refused("an error as an event", "400 Bad Request", 'data: {"error":{"message":"wrong shape","code":400}}\n\n', BadRequest, "wrong shape", content_type="text/event-stream"),
    refused("500 with nothing", "500 Internal Server Error", "", ServerFailed, "HTTP 500", content_type=""),
    refused("418", "418 I'm a teapot", "short and stout", BadRequest, "HTTP 418, short and stout", content_type="text/plain"),
)  # fmt: skip

LABELS = (
    said("a stream as application/json", STREAM, content_type="application/json"),
    said("a stream as text/plain", STREAM, content_type="text/plain"),
    said("a stream as text/html", STREAM, content_type="text/html"),
    said("a stream without a content type", STREAM, content_type=""),
    said("a stream with a wrong charset", STREAM.replace("SELECT", "销售"), "销售 1", content_type="text/event-stream; charset=iso-8859-1"),
    said("JSON as a stream", answer_like(COMPLETION), usage=(19, 10)),
    said("JSON without a content type", "\n  " + answer_like(COMPLETION) + "\n", usage=(19, 10), content_type=""),
    said("JSON lines of chunks", STREAM.replace("data: ", "").replace("\n\n", "\n").replace("[DONE]\n", ""), content_type="application/x-ndjson"),
    failed("an error as a stream", '{"error":{"message":"no","code":"invalid_api_key"}}', AuthenticationRefused, "no"),
    said("gzip", gzipped(STREAM), content_encoding="gzip"),
    said("gzip by its older name", gzipped(STREAM), content_encoding="x-gzip"),
    said("gzip without a label", gzipped(STREAM)),
    said("gzip as the label only", STREAM, content_encoding="gzip"),
    said("gzip in two members", gzipped(BODY) + gzipped(gpt(finish="stop") + DONE), content_encoding="gzip"),
    said("gzip of JSON", gzipped(answer_like(COMPLETION)), usage=(19, 10), content_encoding="gzip", content_type="application/json"),
    said("deflate", deflated(STREAM), content_encoding="deflate"),
    said("deflate without its header", deflated(STREAM, raw=True), content_encoding="deflate"),
    refused("gzip of an error", "400 Bad Request", gzipped('{"error":{"message":"packed"}}'), BadRequest, "packed", content_encoding="gzip"),
    failed("gzip that breaks", gzipped(STREAM)[:40] + b"garbage" * 9, ProtocolBroken, "decompressed", content_encoding="gzip"),
    failed("gzip that ends early", gzipped(BODY * 9 + STREAM)[:80], Truncated, content_encoding="gzip"),
    failed("an encoding we didn't offer", b"\x8b\x03\x80", ProtocolBroken, "br", content_encoding="br"),
)  # fmt: skip

CONNECTIONS = (
    Behaviour("body until the connection closes", (until_close(STREAM),), Says("SELECT 1")),
    Behaviour("HTTP/1.0", (until_close(STREAM).replace(b"HTTP/1.1", b"HTTP/1.0"),), Says("SELECT 1")),
    Behaviour("with its length", (whole("200 OK", STREAM, "text/event-stream"),), Says("SELECT 1")),
    Behaviour("status line without a reason", (ok(STREAM).replace(b"200 OK", b"200 "),), Says("SELECT 1")),
    Behaviour("201 Created", (ok(STREAM).replace(b"200 OK", b"201 Created"),), Says("SELECT 1")),
    Behaviour("early hints before", (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok(STREAM),), Says("SELECT 1")),
    Behaviour("100 Continue before", (b"HTTP/1.1 100 Continue\r\n\r\n" + ok(STREAM),), Says("SELECT 1")),
    Behaviour("trailers after the body", (ok(STREAM)[:-2] + b"X-Checksum: 1\r\n\r\n",), Says("SELECT 1")),
    Behaviour("chunk extensions", (ok(STREAM).replace(b"\r\n\r\n", b"\r\n\r\n0", 1).replace(b"\r\ndata:", b";x=1\r\ndata:", 1),), Says("SELECT 1")),
    Behaviour("a header of 20 KB", (ok(STREAM, x_policy="a" * 20_000),), Says("SELECT 1")),
    Behaviour("reset after the finish reason", (ok(BODY + gpt(finish="stop"))[:-7], RESET), Says("SELECT 1")),
    Behaviour("reset after the usage", (ok(BODY + gpt(finish="stop") + USAGE)[:-7], RESET), Says("SELECT 1", usage=(19, 10))),
    Behaviour("reset after the end mark", (ok(STREAM)[:-7], RESET), Says("SELECT 1")),
    Behaviour("closed after the finish reason, body unended", (ok(BODY + gpt(finish="stop"))[:-7],), Says("SELECT 1")),
    Behaviour("reset inside a token", (ok(BODY)[:-30], RESET), Fails(ConnectionFailed, "lost")),
    Behaviour("closed inside a token", (ok(BODY)[:-30],), Fails(ConnectionFailed, "lost")),
    Behaviour("shorter than its length", (whole("200 OK", BODY, "text/event-stream", content_length="9999"),), Fails(ConnectionFailed)),
    Behaviour("reset before the head", (RESET,), Fails(ConnectionFailed)),
    Behaviour("closed before the head", (), Fails(ConnectionFailed)),
    Behaviour("closed inside the head", (b"HTTP/1.1 200 OK\r\nContent-",), Fails(ConnectionFailed)),
    Behaviour("not HTTP at all", (b"SSH-2.0-OpenSSH_9.2\r\n\r\n",), Fails(ProtocolBroken, "not valid HTTP")),
    Behaviour("a broken chunk size", (ok(BODY).replace(b"\r\n\r\n", b"\r\n\r\nzz", 1),), Fails(ProtocolBroken)),
    Behaviour("an empty 200", (ok(""),), Fails(Truncated, "ended early")),
    Behaviour("204", (b"HTTP/1.1 204 No Content\r\n\r\n",), Fails(Truncated)),
    Behaviour("302 to a login", (whole("302 Found", "", location="/login"),), Fails(ProtocolBroken, "HTTP 302")),
    Behaviour("308 without a location", (whole("308 Permanent Redirect", ""),), Fails(ProtocolBroken, "HTTP 308")),
    Behaviour("307 to another scheme", (whole("307 Temporary Redirect", "", location="ftp://x/"),), Fails(ProtocolBroken)),
    Behaviour("304", (b"HTTP/1.1 304 Not Modified\r\n\r\n",), Fails(ProtocolBroken, "HTTP 304")),
    Behaviour("error cut off", (whole("500 Internal Server Error", '{"error":"x"}', content_length="99"),), Fails(ServerFailed, "HTTP 500")),
)  # fmt: skip

SERVERS = {
    "nginx": NGINX,
    "Cloudflare": CLOUDFLARE,
    "gateways": GATEWAYS,
    "labels": LABELS,
    "connections": CONNECTIONS,
}
