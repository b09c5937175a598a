"""Every setting, its default, its bounds; from TOML, credentials, the environment, the command line.

The one rule: a value that is wrong is refused at start with its name and the remedy, never mended in
silence. Secrets are `SecretStr` and print as stars. `config/default.toml` lists all of this for operators; a
test holds the two together.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from text2sql_ws.addresses import Proxies
from text2sql_ws.credentials import UnreadableCredential, read_credentials

PREFIX = "TEXT2SQL_"
CONFIG_VARIABLE = "TEXT2SQL_CONFIG"

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Days = Annotated[int, Field(ge=0, le=36_500)]
Bytes = Annotated[int, Field(ge=1024)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Server(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=12224, ge=0, le=65535)
    allowed_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    allow_insecure: bool = False
    drain_seconds: float = Field(default=20, ge=0)

    @model_validator(mode="after")
    def _knows_its_proxies(self) -> "Server":
        try:
            Proxies(self.trusted_proxies)
        except ValueError as wrong:
            raise ValueError(f"trusted_proxies takes addresses and networks: {wrong}") from None
        return self


class Auth(Section):
    mode: Literal["none", "jwt"] = "none"
    secret: SecretStr | None = None
    public_key: str = ""
    jwks_url: str = ""
    algorithms: tuple[Literal["HS256", "RS256", "ES256"], ...] = ()
    audience: str = ""
    issuer: str = ""


class Heartbeat(Section):
    interval: Seconds = 30
    timeout: Seconds = 60
    scm_timeout: Seconds = 300
    stream_interval: Seconds = 15


class Limits(Section):
    max_message_bytes: Bytes = 1 << 20
    outbox_bytes: Bytes = 1 << 20
    resume_bytes: Bytes = 4 << 20
    resume_seconds: float = Field(default=60, ge=0)
    slow_client_timeout: Seconds = 10
    connections: Count = 1000
    connections_per_user: Count = 5
    messages_per_minute: Count = 100
    rate_strikes: Count = 100
    queries_per_session: Count = 3
    queries: Count = 200
    waiting_questions: Count = 10
    whole_result_bytes: Bytes = 8 << 20
    question_chars: Count = 4000
    query_timeout: Seconds = 600
    step_timeout: Seconds = 300
    result_seconds: Seconds = 600
    max_rewrites: int = Field(default=1, ge=0, le=10)
    chunk_rows: Count = 500
    max_examined_rows: int = Field(default=0, ge=0)
    allow_adhoc_datasources: bool = False
    adhoc_hosts: tuple[str, ...] = ()


class Provider(Section):
    """An OpenAI-compatible endpoint. `model` is asked by default; `models` are what may be chosen besides."""

    kind: Literal["openai", "azure"] = "openai"
    base_url: str
    api_key: SecretStr | None = None
    api_key_env: str = ""
    api_version: str = ""
    model: str
    models: tuple[str, ...] = ()
    first_token_timeout: Seconds = 60
    idle_timeout: Seconds = 30
    total_timeout: Seconds = 300
    max_retries: int = Field(default=2, ge=0, le=10)
    extra_headers: dict[str, str] = {}
    extra_body: dict[str, Any] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> "Provider":
        if not self.base_url.startswith(("http://", "https://")):
            raise ValueError("base_url must start with http:// or https://")
        if self.kind == "azure" and not self.api_version:
            raise ValueError('kind = "azure" needs api_version, such as "2024-10-21"')
        return self

    def key(self) -> str | None:
        """The API key, from the file or from the environment variable that `api_key_env` names."""
        if self.api_key is not None:
            return self.api_key.get_secret_value()
        return os.environ.get(self.api_key_env) if self.api_key_env else None


class Llm(Section):
    default: str = ""
    send_rows: bool = True
    providers: dict[str, Provider] = {}

    @model_validator(mode="after")
    def _default_is_known(self) -> "Llm":
        if self.default and self.providers and self.default not in self.providers:
            raise ValueError(
                f"default = {self.default!r} names no provider; known: {', '.join(self.providers)}"
            )
        return self


class DataSource(Section):
    type: Literal["mysql", "sqlite"]
    dialect: Literal["mysql", "sqlite", "starrocks", "doris", "tidb"] | None = None
    description: str = ""
    examples: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = Field(default=3306, ge=1, le=65535)
    user: str = ""
    password: SecretStr | None = None
    password_env: str = ""
    database: str = ""
    path: str = ""
    pool_size: Count = 8
    statement_timeout: Seconds = 30
    max_rows: Count = 100_000
    tables: tuple[str, ...] = ()
    denied_columns: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> "DataSource":
        if self.type == "sqlite" and not self.path:
            raise ValueError('type = "sqlite" needs path, the database file')
        if self.type == "mysql" and not (self.database and self.user):
            raise ValueError('type = "mysql" needs user and database')
        wrong = [name for name in self.denied_columns if name.count(".") != 1]
        if wrong:
            raise ValueError(f"denied_columns takes table.column, not {wrong[0]!r}")
        return self

    def secret(self) -> str:
        """The password, from the file or from the environment variable that `password_env` names."""
        if self.password is not None:
            return self.password.get_secret_value()
        return os.environ.get(self.password_env, "") if self.password_env else ""


class Storage(Section):
    url: str = "sqlite:///var/text2sql.db"
    keep_days: Days = 0
    keep_notifications_days: Days = 90
    keep_audit_days: Days = 365
    keep_feedback_days: Days = 0


class Audit(Section):
    questions: bool = True


class Talk(Section):
    history_tokens: int = Field(default=4000, ge=0)


class Notifications(Section):
    """Service URLs hold passwords and keys: they are secrets as a whole."""

    email: tuple[SecretStr, ...] = ()
    sms: tuple[SecretStr, ...] = ()
    push: tuple[SecretStr, ...] = ()
    locale: Literal["zh", "en"] = "zh"
    attempts: int = Field(default=12, ge=1, le=100)
    timeout: Seconds = 30

    @model_validator(mode="after")
    def _are_urls(self) -> "Notifications":
        for channel in ("email", "sms", "push"):
            for position, url in enumerate(getattr(self, channel), 1):
                if not re.match(r"[\w.+-]+://.", url.get_secret_value()):
                    raise ValueError(f"{channel}: the {position}. is not a service URL (scheme://…)")
        return self


class Budget(Section):
    tokens_per_day: int = Field(default=0, ge=0)
    tokens_per_user_per_day: int = Field(default=0, ge=0)


class Monitor(Section):
    interval: Seconds = 60
    error_rate: float = Field(default=0.05, gt=0, le=1)
    probe_interval: Seconds = 30
    probe_failures: Count = 3
    probe_successes: Count = 2


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"
    slow_query_seconds: float = Field(default=10, ge=0)


class Tracing(Section):
    endpoint: str = ""
    sample: float = Field(default=1.0, ge=0, le=1)
    statements: bool = False

    @model_validator(mode="after")
    def _is_a_url(self) -> "Tracing":
        if self.endpoint and not self.endpoint.startswith(("http://", "https://")):
            raise ValueError('endpoint is a URL, such as "http://127.0.0.1:4318"')
        return self


class Settings(BaseSettings):
    """All settings. Build it with `load`, which turns what is wrong into sentences."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    server: Server = Server()
    auth: Auth = Auth()
    heartbeat: Heartbeat = Heartbeat()
    limits: Limits = Limits()
    llm: Llm = Llm()
    datasources: dict[str, DataSource] = {}
    abbreviations: dict[str, dict[str, str]] = {}
    storage: Storage = Storage()
    audit: Audit = Audit()
    talk: Talk = Talk()
    notifications: Notifications = Notifications()
    budget: Budget = Budget()
    monitor: Monitor = Monitor()
    log: Log = Log()
    tracing: Tracing = Tracing()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment only; `load` lays file and command line under and over it."""
        return (init_settings,)


class Misconfigured(Exception):
    """Settings that can't be used. `problems` has a sentence for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def load(path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings: defaults, the file, credentials, the environment, `overrides` (nested dicts).

    Raises `Misconfigured` with every problem found, each naming the key and the remedy.
    """
    merged = _merge(_read_toml(path) if path else {}, _read_credentials())
    merged = _merge(merged, _read_environment())
    merged = _merge(merged, overrides or {})
    try:
        return Settings(**merged)
    except ValidationError as invalid:
        raise Misconfigured([_sentence(error) for error in invalid.errors()]) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Misconfigured([f"{path}: cannot be read: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured([f"{path}: not valid TOML: {error}"]) from None


def _read_credentials() -> dict[str, Any]:
    try:
        return read_credentials(os.environ)
    except UnreadableCredential as unreadable:
        raise Misconfigured([str(unreadable)]) from None


def _read_environment() -> dict[str, Any]:
    """The settings that `TEXT2SQL_SECTION__KEY` variables give, as nested dicts."""
    _refuse_unknown_variables()
    source = EnvSettingsSource(Settings)
    try:
        return source()
    except Exception as error:  # pydantic-settings raises SettingsError for JSON that doesn't parse
        raise Misconfigured([f"environment: {error}"]) from None


def _refuse_unknown_variables() -> None:
    """pydantic-settings ignores a variable whose section is misspelt; we don't."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {CONFIG_VARIABLE}
    problems = []
    for name in os.environ:
        upper = name.upper()
        if upper.startswith(PREFIX) and upper.split("__")[0] not in known:
            problems.append(f"environment variable {name} is unknown{_nearest(upper.split('__')[0], known)}")
    if problems:
        raise Misconfigured(problems)


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = (
            _merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
        )
    return merged


def _sentence(error: Any) -> str:
    location = [str(part) for part in error["loc"]]
    dotted = ".".join(location)
    if error["type"] == "extra_forbidden":
        siblings = _fields_at(location[:-1])
        return f"{dotted} is not a setting{_nearest(location[-1], siblings)}"
    if error["type"] == "missing":
        return f"{dotted} is missing: it has no default and must be set"
    message = error["msg"].removeprefix("Value error, ")
    return f"{dotted}: {message}" if dotted else message


def _nearest(name: str, known: Iterator[str] | set[str] | list[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)
    return f"; did you mean {close[0]}?" if close else ""


def _fields_at(location: list[str]) -> list[str]:
    """The names that may stand at `location`, following models and tables of models."""
    model: Any = Settings
    remaining = list(location)
    while remaining:
        part = remaining.pop(0)
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return []
        model = model.model_fields[part].annotation if part in model.model_fields else None
        if get_origin(model) is dict:
            model = get_args(model)[1]
            if remaining:
                remaining.pop(0)
        if get_origin(model) is Union:
            model = get_args(model)[0]
    if isinstance(model, type) and issubclass(model, BaseModel):
        return list(model.model_fields)
    return []
