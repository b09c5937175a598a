"""How statements that aren't queries look: enough of each form to tell it from English.

The one rule: "Drop in sales?", "Update on orders", "Set of products" are words.
"""

import re

_NAME = r"(?:[\w$]+|`n`)"
_PATH = rf"{_NAME}(?: \. {_NAME}){{0,2}}"
_IF = r"(?:if (?:not )?exists )?"
_TAIL = r"(?: .*)?"

_OBJECT = "table|database|schema|view|index|trigger|procedure|function|event|user|role|sequence"
_MODIFIERS = r"(?:(?:low_priority|high_priority|delayed|quick|ignore|or \w+) )*"

# Each matches a whole statement, its tokens one space apart, names in quotes as `n`, strings as 's'.
_FORMS: tuple[str, ...] = (
    # data
    rf"delete {_MODIFIERS}from {_PATH}(?: (?:as )?{_NAME})?(?: (?:where|order by|limit|using|returning) .*)?",
    rf"delete {_PATH}(?: , {_PATH})* from {_PATH} .*[=<>].*",
    rf"update {_MODIFIERS}{_PATH} (?:[^?]* )?set {_PATH} =.*",
    rf"(?:insert|replace) {_MODIFIERS}into {_PATH} (?:\(|values? |select |set |with |table ).*",
    rf"insert {_PATH} (?:\(|values ).*",
    rf"truncate (?:table )?{_PATH}",
    r"merge into .*",
    r"load (?:data|xml) .*",
    rf"handler {_PATH} (?:open|read|close){_TAIL}",
    r"import table from .*",
    # definitions
    rf"drop (?:temporary )?(?:{_OBJECT}) {_IF}{_PATH}(?: (?:,|cascade|restrict|on|@){_TAIL})?",
    rf"rename (?:table|user) {_PATH} to .*",
    rf"alter (?:table|database|schema|view|user|event|procedure|function|server|instance) {_PATH} .+",
    r"create (?:or replace )?(?:(?:temporary|temp|unique|fulltext|virtual|definer .*) )*"
    r"(?:table|view|index|trigger|procedure|function|event|sequence)"
    rf" {_IF}{_PATH} (?:\(|as |like |on |select |using |before |after |returns ).*",
    rf"create (?:database|schema|user|role) {_IF}(?:{_NAME}|'s')"
    rf"(?: (?:@|identified|character|charset|collate|default){_TAIL})?",
    r"(?:grant|revoke) .* on .* (?:to|from) .+",
    r"(?:grant|revoke) all(?: privileges)? .*",
    # routines and sessions
    rf"(?:call|do) {_PATH} \(.*",
    r"exec(?:ute)? immediate .*",
    rf"execute {_NAME}(?: using .*)?",
    rf"exec {_PATH}(?: 's'.*)?",
    rf"prepare {_NAME} from .*",
    rf"deallocate prepare {_NAME}",
    rf"declare {_NAME} .*",
    r"signal sqlstate .*",
    rf"set (?:global |session |local |persist |@ (?:@ )?)*{_PATH} :?=.*",
    r"set (?:names|password|transaction|role|character set) .*",
    rf"use {_NAME}",
    # transactions and locks
    r"(?:begin|commit|rollback)(?: (?:work|transaction))?",
    rf"start transaction{_TAIL}",
    rf"begin (?:immediate|exclusive|deferred|not atomic){_TAIL}",
    rf"(?:release )?savepoint {_NAME}",
    r"rollback to .*",
    rf"xa (?:start|begin|end|commit|rollback|prepare|recover){_TAIL}",
    rf"lock tables? {_PATH} .*(?:read|write).*",
    r"unlock tables?",
    # the server
    rf"flush (?:tables?|privileges|logs|status|hosts|binary logs|local .*){_TAIL}",
    r"kill (?:query |connection |hard |soft )*(?:[0-9]+|connection_id \( \))",
    rf"(?:analyze|optimize|repair|check|checksum) (?:local |no_write_to_binlog )?tables? {_PATH}{_TAIL}",
    r"(?:install|uninstall) (?:plugin|component|soname) .*",
    r"purge (?:binary|master) logs .*",
    rf"reset (?:master|slave|replica|query cache|persist){_TAIL}",
    r"shutdown",
    rf"(?:start|stop) (?:slave|replica|group_replication){_TAIL}",
    r"change (?:master|replication source) to .*",
    r"clone (?:local|instance) .*",
    r"help 's'",
    # SQLite
    r"pragma .+",
    rf"attach (?:database )?(?:'s'|{_NAME}) as .+",
    rf"detach (?:database )?{_NAME}",
    rf"vacuum(?: into .*| {_NAME})?",
    rf"reindex(?: {_PATH})?",
)

OTHER_STATEMENTS = re.compile("|".join(f"(?:{form})" for form in _FORMS))
