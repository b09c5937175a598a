"""Every sentence a person may read, in Chinese and in English, and nothing else.

The one rule: a room never holds a sentence of its own; it names a key of `TEXTS` and gives the
parameters. Both languages of a key take the same parameters (a test checks it).
The page's own labels live in `static/js/texts.js`, prompts in `config/prompts/`.
"""

from dataclasses import dataclass
from typing import Literal

Locale = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages, parameters filled in."""

    zh: str
    en: str

    def in_(self, locale: Locale) -> str:
        return self.zh if locale == "zh" else self.en


def say(key: str, **params: object) -> Text:
    """The sentence `key` with its parameters, each of which may be a `Text` itself.

    An unknown key is a `KeyError`: a bug, not an input error.
    """
    zh, en = TEXTS[key]
    return Text(zh.format(**_spoken(params, "zh")), en.format(**_spoken(params, "en")))


def _spoken(params: dict[str, object], locale: Locale) -> dict[str, object]:
    return {name: value.in_(locale) if isinstance(value, Text) else value for name, value in params.items()}


def verbatim(foreign: str) -> Text:
    """Words that are not ours (a database's, a model's): the same in both languages."""
    return Text(foreign, foreign)


TEXTS: dict[str, tuple[str, str]] = {
    # --- chat ------------------------------------------------------------------------------------
    "chat.not_in": (
        "您不在会话 {name} 中，请先用 join_session 加入",
        "This connection is not in session {name}; join it first with join_session",
    ),
    "chat.not_owner": (
        "会话 {name} 不是您的，不能共享",
        "Session {name} is not yours to share",
    ),
    "chat.too_many": (
        "一个连接最多加入 {limit} 个会话，请先离开一个",
        "A connection may be in {limit} sessions at most; leave one first",
    ),
    "chat.not_owners": (
        "会话 {name} 不是您的，不能修改或删除",
        "Session {name} is not yours to change or delete",
    ),
    "chat.gone": ("这个会话已被删除，请重新加入", "This session was deleted; join it again"),
    "chat.no_message": ("没有这条消息", "there is no such message"),
    "notify.down.title": ("{service}不可用：{name}", "{service} is down: {name}"),
    "notify.down": (
        "{service} {name} 连续多次无法访问：{why}",
        "{service} {name} failed several times in a row: {why}",
    ),
    "notify.up.title": ("{service}已恢复：{name}", "{service} is back: {name}"),
    "notify.up": (
        "{service} {name} 已恢复，中断了 {minutes} 分钟",
        "{service} {name} is back after {minutes} minutes",
    ),
    "notify.datasource": ("数据源", "Data source"),
    "notify.provider": ("模型服务", "Model provider"),
    "notify.budget.title": ("token 额度已用 {percent}%", "{percent} % of the token budget is used"),
    "notify.budget": (
        "今天的 token 总额度 {budget} 已用 {used}",
        "{used} of today's {budget} tokens of the whole service are used",
    ),
    "notify.budget_user": (
        "您今天的 token 额度 {budget} 已用 {used}",
        "{used} of your {budget} tokens for today are used",
    ),
    "notify.budget_over": ("，{again} 之前不再接受新问题", "; no new questions are taken before {again}"),
    "notify.login.title": ("多次登录失败", "Logins fail repeatedly"),
    "notify.login": (
        "地址 {address} 登录失败 {failures} 次；上次警告以来还有 {others} 次来自其他地址",
        "{failures} failed logins from {address}; {others} more from elsewhere since the last warning",
    ),
    "notify.maintenance.title": ("维护通知", "Maintenance"),
    "probe.silent": ("{seconds} 秒内没有应答", "no answer within {seconds} s"),
    "probe.server_failed": ("服务器内部错误", "the server has an error of its own"),
    "notification.not_found": ("没有通知 {id}", "There is no notification {id}"),
    "notification.no_service": (
        "渠道 {channel} 没有配置任何服务（[notifications]）",
        "no service is configured for the channel {channel} ([notifications])",
    ),
    "notification.too_many": (
        "等待发送的通知已有 {limit} 条，请检查邮件、短信或推送服务",
        "{limit} notifications wait to be sent already; look at the mail, SMS or push services",
    ),
    "monitor.alert": (
        "查询失败率过高：{percent}%（{total} 个查询中 {errors} 个失败）",
        "Too many queries fail: {percent} % ({errors} of {total})",
    ),
    "admin.no_connection": ("没有连接 {id}", "There is no connection {id}"),
    "admin.no_user": ("用户 {id} 不在线", "User {id} is not connected"),
    "admin.no_session": ("没有人在会话 {id} 中", "Nobody is connected to session {id}"),
    "broadcast.title": ("系统通知", "Announcement"),
    "storage.behind": (
        "服务器来不及保存消息，请稍后重试",
        "The server can't keep messages fast enough; try again in a moment",
    ),
    # --- stages: titles ---------------------------------------------------------------------
    "stage.analyzing": ("分析问题意图", "Analyse the question"),
    "stage.selecting_datasource": ("选择数据源", "Choose the data source"),
    "stage.connecting_database": ("连接数据库", "Connect to the database"),
    "stage.retrieving_schema": ("检索数据库模式", "Retrieve the schema"),
    "stage.generating_sql": ("生成SQL", "Generate SQL"),
    "stage.validating_sql": ("验证SQL", "Validate SQL"),
    "stage.executing_sql": ("执行查询", "Run the query"),
    "stage.processing_results": ("处理结果", "Process the results"),
    "stage.generating_explanation": ("生成解释", "Explain the result"),
    "stage.recommending_visualization": ("配置图表", "Configure the chart"),
    "stage.completed": ("完成", "Done"),
    # --- steps: what is shown while one runs, and when it is done --------------------------------
    "step.analyzing_question": ("正在理解您的问题...", "Understanding your question..."),
    "step.select_datasource": ("正在选择最适合的数据源...", "Choosing the data source that fits best..."),
    "step.connect_db": ("正在建立数据库连接...", "Connecting to the database..."),
    "step.generate_sql": ("正在生成SQL查询语句...", "Writing the SQL..."),
    "step.execute_query": ("正在执行SQL查询...", "Running the SQL..."),
    "step.configure_chart": ("正在配置图表展示...", "Configuring the chart..."),
    "step.done": ("{title}完成", "{title}: done"),
    "step.cancelled_title": ("已取消", "Cancelled"),
    "step.cancelled": ("查询已取消", "The query was cancelled"),
    # --- progress within a stage ---------------------------------------------------------------
    "progress.rewriting": (
        "第 {attempt} 次的SQL执行失败，正在请模型重写：{why}",
        "Attempt {attempt} failed in the database, the model is asked to rewrite it: {why}",
    ),
    "progress.datasource": ("数据源：{name}", "Data source: {name}"),
    "progress.connected": ("已连接：{version}", "Connected: {version}"),
    "progress.reconnecting": (
        "连接失败，{seconds} 秒后重试（{attempt}/{most}）",
        "No connection; trying again in {seconds} s ({attempt}/{most})",
    ),
    "progress.tables": ("相关的表：{tables}", "Tables: {tables}"),
    "progress.own_sql": ("问题本身就是SQL，不调用模型", "The question is SQL already; the model isn't asked"),
    "progress.reused_schema": (
        "数据库结构未变，沿用上次的分析",
        "The schema is as it was; the earlier analysis is used again",
    ),
    "progress.reused_sql": (
        "沿用上次为同一问题生成的SQL，不调用模型",
        "The SQL that answered the same question before is used again; the model isn't asked",
    ),
    "progress.tokens": ("已生成 {count} 段", "{count} pieces generated"),
    "progress.replaced": ("已展开简称：{replaced}", "Abbreviations expanded: {replaced}"),
    "progress.rows": ("已读取 {count} 行", "{count} rows read"),
    # --- questions and messages ---------------------------------------------------------------
    "question.empty": ("查询内容不能为空", "The question must not be empty (查询内容不能为空)"),
    "question.too_long": (
        "问题过长：{length} 个字符，最多 {limit} 个",
        "The question is too long: {length} characters, at most {limit}",
    ),
    "message.not_json": ("消息不是有效的 JSON：{why}", "The message is not valid JSON: {why}"),
    "message.not_object": ("消息必须是 JSON 对象", "The message must be a JSON object"),
    "message.binary": ("只接受文本消息", "Only text messages are accepted"),
    "message.too_many": ("消息过多，请稍候再发", "Too many messages at once; wait a moment"),
    "message.field": ("字段 {field} 有误：{why}", "Field {field}: {why}"),
    "message.unknown_type": (
        "未知的消息类型：{type}。可用类型：{known}",
        "Unknown message type: {type}. Known types: {known}",
    ),
    "field.missing": ("缺少此字段", "this field is missing"),
    "field.string": ("应为字符串", "should be a string"),
    "field.integer": ("应为整数", "should be an integer"),
    "field.user_id": ("应为 1 到 128 个可见字符", "should be 1 to 128 printable characters"),
    "field.day": ("应为日期，如 2026-11-21", "should be a day, such as 2026-11-21"),
    "field.whole_number": ("应为 1 到 {most} 的整数", "should be a whole number from 1 to {most}"),
    "field.number": ("应为数字", "should be a number"),
    "field.boolean": ("应为 true 或 false", "should be true or false"),
    "field.object": ("应为 JSON 对象", "should be a JSON object"),
    "field.session_id": (
        "应为 1 到 128 个字母、数字或 _ - . : @ + ~",
        "should be 1 to 128 letters, digits or _ - . : @ + ~",
    ),
    "field.body_late": ("请求体未按时到达", "the body did not arrive in time"),
    "field.body_not_utf8": ("应为 UTF-8 文本", "should be UTF-8 text"),
    "option.unknown": (
        "字段 {field}：没有名为 {name} 的配置。可用：{known}",
        "Field {field}: nothing named {name} is configured. Known: {known}",
    ),
    "query.not_found": (
        "没有正在运行的查询 {query_id}：它不存在、已结束或属于其他会话",
        "No such query {query_id}: it is unknown, has ended, or belongs to another session",
    ),
    "query.not_failed": (
        "字段 query_id：查询 {query_id} 没有失败，不能重试",
        "Field query_id: query {query_id} did not fail, so it can't be retried",
    ),
    "query.too_many_session": (
        "本会话已有 {limit} 个查询在运行，请等待其中一个结束或取消它",
        "{limit} queries of this session are running already; wait for one to end, or cancel one",
    ),
    "query.too_many": (
        "服务器已有 {limit} 个查询在运行，请稍后再试",
        "{limit} queries are running on this server already; try again later",
    ),
    "budget.spent": (
        "今天的 token 额度（{budget}）已用完，{again} 起可以继续提问",
        "Today's budget of {budget} tokens is used up; questions are taken again from {again}",
    ),
    "budget.spent_user": (
        "您今天的 token 额度（{budget}）已用完，{again} 起可以继续提问",
        "Your budget of {budget} tokens for today is used up; you can ask again from {again}",
    ),
    "query.shutting_down": (
        "服务器正在关闭，不再接受新的问题；请稍后重试",
        "The server is shutting down and takes no more questions; try again later",
    ),
    "query.step_timeout": (
        "“{stage}”超过了 {seconds} 秒的时限，已停止",
        '"{stage}" passed its limit of {seconds} s and was stopped',
    ),
    "query.timeout": (
        "查询超过了 {seconds} 秒的时限，已停止",
        "The query passed its limit of {seconds} s and was stopped",
    ),
    "query.unforeseen": (
        "处理查询时发生意外错误（编号 {reference}，详情见服务器日志）",
        "Something unforeseen happened (reference {reference}; the server's log has the details)",
    ),
    "plain.too_many_waiting": (
        "已有 {limit} 个问题在等待，请稍后再问",
        "{limit} questions are waiting already; ask again later",
    ),
    "plain.result_too_large": (
        "结果超过 {limit} 字节，无法在一条消息中返回；请缩小查询范围",
        "The result is larger than {limit} bytes, too large for one message; narrow the question",
    ),
    "stream.not_found": (
        "没有可用的流 {stream_id}：它不存在、已结束、不可续传或属于其他用户",
        "No such stream {stream_id}: it is unknown, over, not to be resumed, or another user's",
    ),
    "stream.gap": (
        "序号 {after} 之后的内容已不再保留，请重新提问",
        "What followed sequence {after} is no longer kept; ask again",
    ),
    "stream.too_many": (
        "您已有 {limit} 个流在运行或保留，请等待其中一个结束",
        "{limit} streams of yours are running or kept already; wait for one to end",
    ),
    "stream.no_place": (
        "您的连接数已达上限（{limit}），或服务器的连接已满；请稍后再试",
        "You have as many connections as you may ({limit}), or the server is full; try again later",
    ),
    "field.sequence": (
        "没有给出过这个序号，最后一个是 {last}",
        "this sequence was never given; the last is {last}",
    ),
    "feedback.received": ("感谢您的反馈", "感谢您的反馈"),
    "conversation.not_found": (
        "没有会话 {name}：它不存在，或属于其他用户",
        "No conversation {name}: it is unknown, or another user's",
    ),
    "conversation.user": ("提问", "Question"),
    "conversation.assistant": ("回答", "Answer"),
    "conversation.system": ("系统", "System"),
    "conversation.failed": ("回答未能完成", "The answer failed"),
    "conversation.cancelled": ("回答已被取消", "The answer was cancelled"),
    "conversation.length": ("回答达到了模型的长度上限", "The answer met the model's limit of length"),
    "conversation.rows": ("共 {total} 行，显示 {shown} 行", "{total} rows, {shown} of them shown"),
    "scm.welcome": ("已连接，可以开始对话了", "Connected: say what you like"),
    "scm.unknown_model": (
        "没有配置 {wanted}，改由 {provider} / {model} 回答",
        "{wanted} is not configured; {provider} / {model} answers instead",
    ),
    "scm.not_stored": ("这次的回答没有存进历史：{why}", "This answer was not stored in the history: {why}"),
    "storage.failed": (
        "服务器的存储出现故障，操作未完成；请稍后重试",
        "The server's storage failed and this was not carried out; try again later",
    ),
    "broadcast.sent": ("消息已广播", "消息已广播"),
    # --- who is there, and how much they may ask -------------------------------------------------
    "login.missing": (
        "请求没有携带令牌：请通过 ?token=、Authorization: Bearer 或 WebSocket 子协议提供",
        "No token came along: send one as ?token=, Authorization: Bearer, or a WebSocket subprotocol",
    ),
    "login.expired": ("令牌已过期", "The token has expired"),
    "login.invalid": ("令牌无效：{why}", "The token is not valid: {why}"),
    "login.malformed": ("它不是完整的 JWT", "it is not a whole JWT"),
    "login.wrong_signature": ("签名不符", "its signature is wrong"),
    "login.wrong_algorithm": ("不接受它的签名算法", "its algorithm is not accepted"),
    "login.unknown_key": ("没有它所用的密钥", "the key it is signed with is unknown"),
    "login.wrong_audience": ("它不是签发给本服务的（aud）", "it was not made for this service (aud)"),
    "login.wrong_issuer": ("它的签发者（iss）不受信任", "its issuer (iss) is not trusted"),
    "login.too_early": ("它尚未生效（iat、nbf）", "it is not valid yet (iat, nbf)"),
    "login.bad_claim": ("缺少 {claim}，或其值有误", "{claim} is missing or wrong"),
    "login.other_user": ("令牌属于另一位用户", "The token is another user's"),
    "login.foreign_user": ("userId 不是令牌的用户", "userId is not the token's user"),
    "login.not_needed": ("本服务器不使用令牌", "this server asks for no tokens"),
    "login.keys_unreachable": (
        "暂时无法取得验证令牌所需的密钥，请稍后重试",
        "The keys that tokens are checked with can't be fetched at the moment; try again later",
    ),
    "login.too_many_failures": (
        "登录失败次数过多，请 {seconds} 秒后重试",
        "Too many failed logins; try again in {seconds} s",
    ),
    "limit.messages": (
        "消息过于频繁，请 {seconds} 秒后重试",
        "Too many messages; try again in {seconds} s",
    ),
    # --- HTTP -----------------------------------------------------------------------------------
    "http.wrong_host": (
        "本服务器不以 {host} 之名提供服务；如需要，请把它加入 server.allowed_hosts",
        "This server doesn't answer to {host}; if it should, add it to server.allowed_hosts",
    ),
    "http.wrong_origin": (
        "不允许来自 {origin} 的页面访问；如需要，请把它加入 server.allowed_origins",
        "Pages from {origin} may not call this server; if they should, add it to server.allowed_origins",
    ),
    "http.not_found": ("没有这个地址：{path}", "There is nothing at {path}"),
    "http.wrong_method": ("{path} 不支持此方法", "{path} doesn't take this method"),
    "http.too_large": ("请求体过大", "The body is too large"),
    "http.refused": ("请求 {path} 有误", "The request for {path} was refused"),
    "http.admins_only": ("仅限管理员", "For administrators only"),
    # --- export ------------------------------------------------------------------------------
    "field.one_of": ("应为以下之一：{known}", "should be one of: {known}"),
    "export.no_sql": (
        "查询 {query_id} 没有SQL，因此没有可导出的结果",
        "Query {query_id} has no SQL, so it has no result to export",
    ),
    "export.too_many": (
        "最多同时进行 {limit} 个导出，请稍后再试",
        "At most {limit} exports run at a time; try again later",
    ),
    "export.too_large": (
        "结果超过 {limit} MiB，无法导出为 XLSX，请改用 CSV",
        "The result is larger than {limit} MiB, too large for XLSX; export it as CSV",
    ),
    "export.no_room": (
        "服务器磁盘无法写入，XLSX 导出失败",
        "The XLSX file could not be written to the server's disk",
    ),
    "export.client_slow": (
        "客户端 {seconds} 秒内没有接收数据，导出已中止",
        "The client took nothing for {seconds} s, so the export was stopped",
    ),
    "export.client_left": ("客户端已断开，导出已中止", "The client left, so the export was stopped"),
    "export.note": ("说明", "Note"),
    "export.truncated": (
        "结果已截断：此文件只有前 {count} 行（数据源的行数上限）。",
        "Truncated: this file has only the first {count} rows, the data source's limit.",
    ),
    "export.cells_cut": (
        "有 {count} 个单元格超过 {limit} 个字符（Excel 的上限），已截短。",
        "{count} cells were longer than {limit} characters, Excel's limit, and were cut.",
    ),
    # --- data sources ---------------------------------------------------------------------------
    "datasource.unknown": (
        "没有名为 {name} 的数据源。可用：{known}",
        "There is no data source named {name}. Known: {known}",
    ),
    "sample.no_datasource": ("没有名为 {name} 的数据源", "There is no data source named {name}"),
    "sample.no_table": ("没有可以查询的表 {table}", "There is no table {table} that may be asked about"),
    "datasource.unknown_type": (
        "没有类型为 {type} 的数据源。可用：{known}",
        "There is no data source of type {type}. Known: {known}",
    ),
    "datasource.adhoc_refused": (
        "字段 database_config：不接受客户端提供的连接信息（{fields}）。请用 datasource 指定已配置的数据源",
        "Field database_config: connection details from a client are refused ({fields}). "
        "Name a configured data source with datasource instead",
    ),
    "datasource.adhoc_host": (
        "字段 database_config.host：{host} 不在 limits.adhoc_hosts 中",
        "Field database_config.host: {host} is not in limits.adhoc_hosts",
    ),
    # --- the computed explanation ------------------------------------------------------------------
    "explained.empty": ("没有符合条件的数据。", "No rows match."),
    "explained.one_row": ("结果：{cells}。", "The result: {cells}."),
    "explained.rows": ("共有 {count} 行结果。", "There are {count} rows."),
    "explained.truncated": (
        "结果超过 {count} 行，只读取了前 {count} 行。",
        "There are more than {count} rows, of which the first {count} were read.",
    ),
    "explained.cell": ("{name} 为 {value}", "{name} is {value}"),
    "explained.begins": ("开头几行：{rows}。", "It begins: {rows}."),
    "explained.extremes": (
        "{measure}最大为 {high}（{highest}），最小为 {low}（{lowest}）。",
        "{measure} is largest at {high} ({highest}) and smallest at {low} ({lowest}).",
    ),
    "explained.between": ("{measure}介于 {low} 和 {high} 之间。", "{measure} lies between {low} and {high}."),
    "explained.all_equal": ("{measure}均为 {low}。", "{measure} is {low} in all of them."),
    "explained.total": ("{measure}合计 {total}。", "{measure} adds up to {total}."),
    "explained.tables": ("数据来自：{tables}。", "The data comes from: {tables}."),
    "explained.steps": ("处理步骤：{steps}。", "It was {steps}."),
    "explained.joined": ("关联多表", "joined"),
    "explained.filtered": ("按条件筛选", "filtered by conditions"),
    "explained.grouped": ("分组汇总", "grouped"),
    "explained.sorted": ("排序", "sorted"),
    "explained.limited": ("限制行数", "cut to a number of rows"),
    # --- charts ---------------------------------------------------------------------------------
    "chart.measure": ("指标", "Measure"),
    "chart.value": ("数值", "Value"),
    # --- the catalog ----------------------------------------------------------------------------
    "catalog.unreadable": (
        "无法读取数据源 {name} 的表结构，数据库可能无法连接",
        "The tables of data source {name} can't be read; its database may not be reachable",
    ),
    "generation.empty": ("模型的回答里既没有SQL也没有文字", "The model answered with neither SQL nor words"),
    # --- models ----------------------------------------------------------------------------------
    "model.authentication": (
        "模型服务 {provider} 拒绝了 API 密钥：{why}",
        "The model provider {provider} refused the API key: {why}",
    ),
    "model.permission": (
        "模型服务 {provider} 拒绝访问：{why}",
        "The model provider {provider} denied access: {why}",
    ),
    "model.not_found": (
        "模型服务 {provider} 没有该模型或接口：{why}",
        "The model provider {provider} has no such model or endpoint: {why}",
    ),
    "model.bad_request": (
        "模型服务 {provider} 不接受该请求：{why}",
        "The model provider {provider} did not accept the request: {why}",
    ),
    "model.rate_limited": (
        "模型服务 {provider} 限制了请求频率：{why}",
        "The model provider {provider} limits the rate of requests: {why}",
    ),
    "model.rate_limited_until": (
        "模型服务 {provider} 限制了请求频率，请在 {seconds} 秒后重试：{why}",
        "The model provider {provider} limits the rate of requests; try again in {seconds} s: {why}",
    ),
    "model.quota": (
        "模型服务 {provider} 的额度或余额不足：{why}",
        "The quota or balance at the model provider {provider} is used up: {why}",
    ),
    "model.server": ("模型服务 {provider} 出错：{why}", "The model provider {provider} failed: {why}"),
    "model.server_until": (
        "模型服务 {provider} 暂不可用，请在 {seconds} 秒后重试：{why}",
        "The model provider {provider} is unavailable; try again in {seconds} s: {why}",
    ),
    "model.timeout.first_token": (
        "模型服务 {provider} 在 {seconds} 秒内没有开始回答",
        "The model provider {provider} did not begin to answer within {seconds} s",
    ),
    "model.timeout.silence": (
        "模型服务 {provider} 回答到一半，{seconds} 秒没有后续",
        "The model provider {provider} fell silent for {seconds} s in the middle of its answer",
    ),
    "model.timeout.total": (
        "模型服务 {provider} 在 {seconds} 秒内没有答完",
        "The model provider {provider} did not finish its answer within {seconds} s",
    ),
    "model.connection.unreachable": (
        "无法连接模型服务 {provider}",
        "The model provider {provider} can't be reached",
    ),
    "model.connection.name": (
        "无法连接模型服务 {provider}：找不到主机名",
        "The model provider {provider} can't be reached: its host name is unknown",
    ),
    "model.connection.tls": (
        "无法连接模型服务 {provider}：TLS 证书或握手有误",
        "The model provider {provider} can't be reached: its TLS certificate or handshake failed",
    ),
    "model.connection.proxy": (
        "无法连接模型服务 {provider}：代理服务器不可用",
        "The model provider {provider} can't be reached: the proxy failed",
    ),
    "model.connection.lost": (
        "与模型服务 {provider} 的连接中断",
        "The connection to the model provider {provider} was lost",
    ),
    "model.protocol.not_http": (
        "模型服务 {provider} 的响应不是有效的 HTTP",
        "The response of the model provider {provider} is not valid HTTP",
    ),
    "model.protocol.redirect": (
        "模型服务 {provider} 的重定向无法跟随（HTTP {status}）",
        "A redirect of the model provider {provider} can't be followed (HTTP {status})",
    ),
    "model.protocol.not_json": (
        "模型服务 {provider} 返回了无法识别的内容：{quote}",
        "What the model provider {provider} sent can't be understood: {quote}",
    ),
    "model.protocol.page": (
        "模型服务 {provider} 返回了一个网页，而不是回答：{quote}",
        "The model provider {provider} sent a web page instead of an answer: {quote}",
    ),
    "model.protocol.other": (
        "模型服务 {provider} 返回的 JSON 不是对话补全：{quote}",
        "The JSON that the model provider {provider} sent is no chat completion: {quote}",
    ),
    "model.protocol.oversized": (
        "模型服务 {provider} 返回的内容过大",
        "What the model provider {provider} sent is too large",
    ),
    "model.protocol.encoding": (
        "模型服务 {provider} 返回的内容无法解压：{quote}",
        "What the model provider {provider} sent can't be decompressed: {quote}",
    ),
    "model.empty.nothing": (
        "模型服务 {provider} 的回答是空的",
        "The answer of the model provider {provider} is empty",
    ),
    "model.empty.thoughts": (
        "模型服务 {provider} 只给出了思考过程，没有回答",
        "The model provider {provider} gave its thoughts, but no answer",
    ),
    "model.empty.tools": (
        "模型服务 {provider} 试图调用工具，没有回答",
        "The model provider {provider} tried to call a tool instead of answering",
    ),
    "model.content_filter": (
        "模型服务 {provider} 的内容过滤器拦截了回答：{why}",
        "The content filter of the model provider {provider} stopped the answer: {why}",
    ),
    "model.truncated.ended": (
        "模型服务 {provider} 的回答不完整：数据流提前结束",
        "The answer of the model provider {provider} is incomplete: the stream ended early",
    ),
    "model.truncated.length": (
        "模型服务 {provider} 的回答不完整：达到了长度上限",
        "The answer of the model provider {provider} is incomplete: it met the limit of its length",
    ),
    # --- the guard: why a statement is refused ------------------------------------------------------
    "guard.malformed": ("SQL语法有误，附近：{near}", "The SQL can't be parsed, near: {near}"),
    "guard.control_character": ("SQL中含有控制字符", "The SQL holds a control character"),
    "guard.too_long": ("SQL过长，最多 {limit} 字节", "The SQL is too long: at most {limit} bytes"),
    "guard.too_deep": ("SQL嵌套过深", "The SQL is nested too deeply"),
    "guard.too_many_joins": ("连接过多，最多 {limit} 个", "Too many joins: at most {limit}"),
    "guard.several_statements": ("只允许一条语句", "Only one statement is allowed"),
    "guard.executable_comment": (
        "不允许可执行注释：{comment}",
        "Executable comments are not allowed: {comment}",
    ),
    "guard.hint": (
        "不允许修改设置的提示：{comment}",
        "Hints that change settings are not allowed: {comment}",
    ),
    "guard.verb": (
        "只允许查询语句，不允许 {verb}",
        "Only statements that read are allowed, not {verb}",
    ),
    "guard.word": ("只读查询中不允许出现 {word}", "{word} is not allowed in a query that only reads"),
    "guard.locks": ("不允许加锁读取：{clause}", "Locking reads are not allowed: {clause}"),
    "guard.assigns": ("不允许给变量赋值（:=）", "Assigning variables (:=) is not allowed"),
    "guard.variable": ("不允许使用变量（@）", "Variables (@) are not allowed"),
    "guard.placeholder": ("SQL中不允许出现 {sign}", "{sign} is not allowed in the SQL"),
    "guard.string_as_name": ("字符串不能当作名称：{text}", "A string can't stand for a name: {text}"),
    "guard.syntax": ("不允许的语法：{what}", "This syntax is not allowed: {what}"),
    "guard.show": (
        "不允许 SHOW、DESCRIBE 或 EXPLAIN 的这种形式：{what}",
        "This form of SHOW, DESCRIBE or EXPLAIN is not allowed: {what}",
    ),
    "guard.explain_analyze": (
        "不允许 EXPLAIN ANALYZE：它会执行语句",
        "EXPLAIN ANALYZE is not allowed: it runs the statement",
    ),
    "guard.function": (
        "函数 {name} 不在允许列表中",
        "The function {name} is not on the list of allowed ones",
    ),
    "guard.unknown_verb": ("SQLite 没有 {verb} 语句", "SQLite has no {verb} statement"),
    "guard.unknown_function": ("此数据库没有函数 {name}", "This database has no function {name}"),
    "guard.stored_function": ("不允许调用存储函数 {name}", "Stored functions are not allowed: {name}"),
    "guard.function_waits": (
        "不允许函数 {name}：它会让服务器等待",
        "The function {name} is not allowed: it makes the server wait",
    ),
    "guard.function_locks": (
        "不允许函数 {name}：它会加锁",
        "The function {name} is not allowed: it takes locks",
    ),
    "guard.function_reads_files": (
        "不允许函数 {name}：它会访问文件或网络",
        "The function {name} is not allowed: it reaches files or the network",
    ),
    "guard.function_tells_of_server": (
        "不允许函数 {name}：它会泄露服务器信息",
        "The function {name} is not allowed: it tells about the server",
    ),
    "guard.function_sets": (
        "不允许函数 {name}：它会修改状态",
        "The function {name} is not allowed: it changes state",
    ),
    "guard.function_runs_code": (
        "不允许函数 {name}：它会执行代码",
        "The function {name} is not allowed: it runs code",
    ),
    "guard.sequence_table": (
        "序列表 {name} 过长，最多 {limit} 行",
        "The sequence table {name} is too long: at most {limit} rows",
    ),
    "guard.recursion": (
        "递归CTE {name} 的每一步都必须有条件",
        "Each step of the recursive CTE {name} needs a condition",
    ),
    "guard.recursion_steps": (
        "递归CTE {name} 的步数过多，最多 {limit}",
        "The recursive CTE {name} may take too many steps: at most {limit}",
    ),
    "guard.size": (
        "函数 {name} 的长度必须是不超过 {limit} 的常量",
        "{name} needs a constant size of at most {limit}",
    ),
    "guard.value_too_big": (
        "查询会产生过大的值（{name}）",
        "The query would make values that are too big ({name})",
    ),
    "guard.table": ("不允许访问表 {name}", "The table {name} may not be read"),
    "guard.system_table": ("不允许访问系统表 {name}", "The system table {name} may not be read"),
    "guard.database": ("不允许访问数据库 {name}", "The database {name} may not be read"),
    "guard.column": ("不允许访问列 {name}", "The column {name} may not be read"),
    "guard.natural_join": (
        "含有受限列的表不允许 NATURAL JOIN",
        "NATURAL JOIN is not allowed with tables that have restricted columns",
    ),
    "guard.star": (
        "{name} 含有受限列，请逐一写出所需的列",
        "{name} has restricted columns: name the columns that are needed",
    ),
    "guard.show_tables": ("不允许列出全部表", "Listing all tables is not allowed"),
    # --- databases --------------------------------------------------------------------------------
    "database.unreachable": ("数据库服务器无法访问", "The database server can't be reached"),
    "database.silent": (
        "数据库在 {seconds} 秒内没有响应",
        "The database did not answer within {seconds} s",
    ),
    "database.denied": (
        "数据库拒绝了所配置的账户",
        "The database refused the account that is configured",
    ),
    "database.unknown": (
        "数据库服务器上没有所配置的数据库",
        "The database server has no database of the configured name",
    ),
    "database.crowded": ("数据库服务器的连接数已满", "The database server takes no more connections"),
    "database.handshake": (
        "与数据库服务器的握手失败",
        "The handshake with the database server failed",
    ),
    "database.lost": ("与数据库的连接中断", "The connection to the database was lost"),
    "database.closed": ("数据源正在关闭", "The data source is being closed"),
    "database.busy": (
        "该数据源的 {limit} 个连接都在使用中，请稍后再试",
        "All {limit} connections of this data source are in use; try again later",
    ),
    "database.file_unusable": (
        "数据库文件不存在、无法读取或不是数据库",
        "The database file is missing, can't be read, or is no database",
    ),
    "sql.timeout": (
        "SQL执行超过了 {seconds} 秒的时限，已停止",
        "The SQL passed its limit of {seconds} s and was stopped",
    ),
    "sql.ended_by_database": (
        "数据库提前结束了这条SQL（{why}）",
        "The database ended the SQL early ({why})",
    ),
    "sql.not_text": (
        "SQL中有无法编码为 UTF-8 的字符",
        "The SQL holds characters that can't be encoded as UTF-8",
    ),
    "sql.row_too_large": (
        "查询结果中有一行超过了 {limit} MiB",
        "A row of the result is larger than {limit} MiB",
    ),
    "sql.several": (
        "一次只能执行一条SQL语句",
        "Only one SQL statement may run at a time",
    ),
    "sql.not_a_query": (
        "数据库会话只接受查询语句，不接受 {word}",
        "The session takes queries only, not {word}",
    ),
    "sql.too_many_examined": (
        "数据库预计要扫描约 {estimate} 行，超过上限 {limit} 行，因此没有执行",
        "The database expects to examine about {estimate} rows, more than the limit of {limit}, so it was not run",
    ),
    "sql.nearest_tables": ("{why}。相近的表：{names}", "{why}. Nearest tables: {names}"),
    "sql.nearest_columns": ("{why}。相近的列：{names}", "{why}. Nearest columns: {names}"),
    "sql.ambiguous": ("{why}。以下各表都有此列：{names}", "{why}. It could be any of: {names}"),
    "sql.refused_by_session": (
        "只读会话拒绝了这条SQL（{why}）",
        "The read-only session refused the SQL ({why})",
    ),
    # --- results -------------------------------------------------------------------------------
    "result.empty": ("查询成功，但没有符合条件的数据", "The query succeeded, but no rows match"),
    "result.not_remembered": (
        "回答未能存入会话，后续问题不会参考它：{why}",
        "The answer could not be stored in its conversation, so follow-ups won't know of it: {why}",
    ),
    "result.explanation_failed": (
        "模型未能给出解释，改用自动生成的说明：{why}",
        "The model could not explain the result, so a computed explanation stands in: {why}",
    ),
    # --- the doctor: what an operator reads -------------------------------------------------------
    "doctor.summary.good": (
        "共 {checks} 项，没有错误，{doubts} 项提醒",
        "{checks} findings, none fails, {doubts} to think about",
    ),
    "doctor.summary.bad": (
        "共 {checks} 项，{fails} 项错误，{doubts} 项提醒",
        "{checks} findings, {fails} fail, {doubts} to think about",
    ),
    "doctor.settings.good": ("配置可用", "the settings can be used"),
    "doctor.settings.remedy": (
        "修正此项后再次运行；所有配置项见 default.toml",
        "Mend it and run this again; default.toml lists every setting",
    ),
    "doctor.settings.insecure": (
        "{host} 可被其他机器访问，且无需登录，人人都是管理员",
        "{host} can be reached from other machines, and everyone who does is an administrator",
    ),
    "doctor.settings.insecure.remedy": (
        '设置 auth.mode = "jwt"，或只监听本机：server.host = "127.0.0.1"（{host}）',
        'Set auth.mode = "jwt", or server.host = "127.0.0.1" in place of {host}',
    ),
    "doctor.settings.no_tls": (
        "{url} 未加密：令牌和数据会以明文传输",
        "{url} is not encrypted: tokens and data travel in the clear",
    ),
    "doctor.settings.no_tls.remedy": (
        "在反向代理上启用 HTTPS，并相应修改 server.public_url（{url}）",
        "Serve HTTPS at the reverse proxy, and change server.public_url ({url}) to it",
    ),
    "doctor.settings.no_public_url": (
        "未设置 server.public_url，经反向代理的请求会因 Host 不符被拒绝（421）",
        "server.public_url is not set: requests through a reverse proxy are refused for their Host (421)",
    ),
    "doctor.settings.no_public_url.remedy": (
        "若有反向代理，把 server.public_url 设为用户访问的地址",
        "If there is a reverse proxy, set server.public_url to where users reach it",
    ),
    "doctor.clock.good": ("{now}", "{now}"),
    "doctor.clock.wrong": ("系统时间为 {now}，明显不对", "the clock says {now}, which can't be"),
    "doctor.clock.wrong.remedy": (
        "校准系统时间（例如 timedatectl set-ntp true）；现在是 {now}，令牌和“今天”都会出错",
        'Set it right (timedatectl set-ntp true): with {now}, tokens and "today" go wrong',
    ),
    "doctor.files.good": ("页面和提示词齐全：{folder}", "page and prompts are there: {folder}"),
    "doctor.files.missing": ("缺少 {names}", "missing: {names}"),
    "doctor.files.missing.remedy": ("重新安装；缺少 {names}", "Install again: {names} came with it"),
    "doctor.limits.good": (
        "可打开 {soft} 个文件，需要 {needed} 个",
        "{soft} files may be open, {needed} are needed",
    ),
    "doctor.limits.few": (
        "只能打开 {soft} 个文件，而 {connections} 个连接等共需 {needed} 个",
        "{soft} files may be open, and {needed} are needed for {connections} connections and the rest",
    ),
    "doctor.limits.few.remedy": (
        "提高 ulimit -n（systemd：LimitNOFILE，自带的单元已设置）到 {needed} 以上（现为 {soft}），或调低 limits.connections（{connections}）",
        "Raise ulimit -n from {soft} to {needed} or more (under systemd LimitNOFILE counts; the unit sets it), or lower limits.connections ({connections})",
    ),
    "doctor.port.free": ("可用", "is free"),
    "doctor.port.ours": ("本服务正在运行", "this server is running there"),
    "doctor.port.bad": ("{why}", "{why}"),
    "doctor.port.bad.remedy": (
        "看看是谁占用：ss -ltnp；或修改 server.port（{why}）",
        "See who has it with ss -ltnp, or change server.port ({why})",
    ),
    "doctor.storage.none_yet": ("{path} 将在启动时创建", "{path} will be made at the start"),
    "doctor.storage.good": ("{shown} 可用，表结构是最新的", "{shown} can be used, its tables are of today"),
    "doctor.storage.unwritable": ("{path} 不可写", "{path} may not be written"),
    "doctor.storage.unwritable.remedy": (
        "让运行服务的账户能写入 {path} 及其目录，或修改 storage.url",
        "Let the service's account write {path} and its folder, or change storage.url",
    ),
    "doctor.storage.bad": ("不可用：{why}", "can't be used: {why}"),
    "doctor.storage.bad.remedy": ("检查 storage.url（{why}）", "Look at storage.url ({why})"),
    "doctor.storage.old": (
        "{shown} 的表结构将在下次启动时升级",
        "{shown}: the next start makes or migrates its tables",
    ),
    "doctor.storage.old.remedy": ("启动前先备份 {shown}", "Back up {shown} before that start"),
    "doctor.storage.little_room": ("{folder} 只剩 {free} MiB", "only {free} MiB are left in {folder}"),
    "doctor.storage.little_room.remedy": (
        "清理 {folder} 所在的磁盘（剩 {free} MiB）",
        "Make room where {folder} is ({free} MiB left)",
    ),
    "doctor.source.demo": (
        "未配置数据源，使用内置的演示数据库",
        "none is configured: the built-in demo database is asked",
    ),
    "doctor.source.answers": (
        "已连接：{version}（{flavour}），{milliseconds} 毫秒",
        "answers: {version} ({flavour}), {milliseconds} ms",
    ),
    "doctor.source.no_password": (
        "环境变量 {variable} 未设置",
        "the environment variable {variable} is not set",
    ),
    "doctor.source.no_password.remedy": (
        "设置 {variable}；systemd 下用凭据文件 credentials/datasources.<名称>.password",
        "Set {variable}; under systemd put the password into credentials/datasources.<name>.password",
    ),
    "doctor.source.dialect": (
        "服务器是 {flavour}，但配置未说明",
        "the server is {flavour}, and the settings don't say so",
    ),
    "doctor.source.dialect.remedy": (
        '在该数据源下设置 dialect = "{flavour}"',
        'Set dialect = "{flavour}" for this data source',
    ),
    "doctor.source.old": (
        "{version} 不能由服务器限制语句时间",
        "{version} can't limit a statement's time by itself",
    ),
    "doctor.source.old.remedy": (
        "升级数据库（现为 {version}）；在此之前，本服务异常退出时语句可能继续运行",
        "Upgrade the database from {version}; until then a statement may run on if this server dies",
    ),
    "doctor.source.reads_only": ("账户只能读取", "the account can only read"),
    "doctor.source.writes": ("账户的权限不止读取：{rights}", "the account may do more than read: {rights}"),
    "doctor.source.writes.remedy": (
        "另建只读账户，代替 {user}（{rights}）：GRANT SELECT, SHOW VIEW ON `{database}`.* TO …",
        "Make one that reads only, in place of {user} ({rights}): GRANT SELECT, SHOW VIEW ON `{database}`.* TO …",
    ),
    "doctor.source.tables": ("可查询 {count} 张表", "{count} tables may be asked about"),
    "doctor.source.tables_missing": (
        "配置中的表不存在或不可见：{names}",
        "tables that the settings name are not there, or not to be seen: {names}",
    ),
    "doctor.source.tables_missing.remedy": (
        "检查该数据源的 tables：{names}",
        "Look at the data source's tables: {names}",
    ),
    "doctor.source.no_tables": ("账户看不到任何表", "the account sees no tables at all"),
    "doctor.source.no_tables.remedy": (
        "检查 database、tables；授权：GRANT SELECT, SHOW VIEW ON `{database}`.* TO '{user}'@'…'",
        "Look at database and tables; grant: GRANT SELECT, SHOW VIEW ON `{database}`.* TO '{user}'@'…'",
    ),
    "doctor.source.clock_good": ("时钟与本机一致", "its clock goes with ours"),
    "doctor.source.clock": ("时钟与本机相差 {seconds} 秒", "its clock and ours are {seconds} s apart"),
    "doctor.source.clock.remedy": (
        "用 NTP 校准两台机器（相差 {seconds} 秒）",
        "Set both by NTP ({seconds} s apart)",
    ),
    "doctor.source.remedy": (
        "用同样的参数试试：mysql -h {host} -P {port} -u {user} -p {database}；检查防火墙和账户的来源主机",
        "Try the same by hand: mysql -h {host} -P {port} -u {user} -p {database}; look at firewalls and the account's host",
    ),
    "doctor.source.remedy_sqlite": (
        "检查文件是否存在、是否可读：{path}",
        "See whether the file is there and may be read: {path}",
    ),
    "doctor.model.offline": (
        "未配置模型，由内置的离线模型回答",
        "none is configured: the built-in stand-in answers",
    ),
    "doctor.model.answers": (
        "{model} 在 {milliseconds} 毫秒后给出首个词元",
        "{model} gave its first token after {milliseconds} ms",
    ),
    "doctor.model.slow": (
        "{model} 过了 {milliseconds} 毫秒才给出首个词元",
        "{model} took {milliseconds} ms for its first token",
    ),
    "doctor.model.slow.remedy": (
        "检查网络和服务商的负载，或换一个比 {model} 更快的模型（{milliseconds} 毫秒）",
        "Look at the network and the provider's load, or choose a faster model than {model} ({milliseconds} ms)",
    ),
    "doctor.model.silent": ("{seconds} 秒内没有任何输出", "said nothing within {seconds} s"),
    "doctor.model.silent.remedy": (
        "检查 {base_url} 能否访问（等了 {seconds} 秒）",
        "See whether {base_url} can be reached (waited {seconds} s)",
    ),
    "doctor.model.no_key": ("环境变量 {variable} 未设置", "the environment variable {variable} is not set"),
    "doctor.model.no_key.remedy": (
        "设置 {variable}；systemd 下用凭据文件 credentials/llm.providers.<名称>.api_key",
        "Set {variable}; under systemd put the key into credentials/llm.providers.<name>.api_key",
    ),
    "doctor.model.remedy_key": ("检查 api_key 或 api_key_env", "Look at api_key or api_key_env"),
    "doctor.model.remedy_name": (
        '检查 model = "{model}" 和 base_url = "{base_url}"（通常以 /v1 结尾）',
        'Look at model = "{model}" and base_url = "{base_url}" (which usually ends in /v1)',
    ),
    "doctor.model.remedy_connection": (
        "检查能否从本机访问 {base_url}：网络、代理（HTTPS_PROXY）、证书（SSL_CERT_FILE）",
        "See whether this machine reaches {base_url}: network, proxy (HTTPS_PROXY), certificates (SSL_CERT_FILE)",
    ),
    "doctor.model.remedy_other": (
        "查看服务商的说明和账户状态",
        "See what the provider says of it, and of your account",
    ),
}
