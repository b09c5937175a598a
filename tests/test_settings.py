"""Settings: the file that documents them agrees with the code, and what is wrong is said with its name."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from tests.support.paths import ROOT
from text2sql_ws.app import main
from text2sql_ws.settings import DataSource, Misconfigured, Provider, Settings, load

DEFAULT = ROOT / "config" / "default.toml"


def written(path: Path, text: str) -> Path:
    file = path / "my.toml"
    file.write_text(text, "utf-8")
    return file


def problems(path: Path, text: str) -> list[str]:
    with pytest.raises(Misconfigured) as wrong:
        load(written(path, text))
    return wrong.value.problems


def fields(model: type[BaseModel], given: dict[str, Any], where: str) -> None:
    assert set(given) == set(model.model_fields), where


def test_the_default_file_lists_every_setting_with_its_default() -> None:
    stated = tomllib.loads(DEFAULT.read_text("utf-8"))
    whole = tomllib.loads(re.sub(r"^#: ?", "", DEFAULT.read_text("utf-8"), flags=re.MULTILINE))
    defaults = Settings()
    for section in Settings.model_fields:
        model = getattr(defaults, section)
        if not isinstance(model, BaseModel):
            continue
        fields(type(model), whole[section], section)
        for key, value in stated[section].items():
            default = getattr(model, key)
            assert value == (list(default) if isinstance(default, tuple) else default), f"{section}.{key}"
    fields(Provider, whole["llm"]["providers"]["main"], "llm.providers")
    fields(DataSource, whole["datasources"]["sales"], "datasources")


@pytest.mark.parametrize(
    ("model", "table"),
    [(Provider, ("llm", "providers", "main")), (DataSource, ("datasources", "sales"))],
    ids=["provider", "datasource"],
)
def test_the_examples_of_tables_show_the_defaults(model: type[BaseModel], table: tuple[str, ...]) -> None:
    shown: Any = tomllib.loads(re.sub(r"^#: ?", "", DEFAULT.read_text("utf-8"), flags=re.MULTILINE))
    for part in table:
        shown = shown[part]
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if field.is_required() or default in (None, "") or isinstance(default, SecretStr):
            continue
        assert shown[name] == (list(default) if isinstance(default, tuple) else default), name


def test_the_default_file_itself_is_a_good_configuration() -> None:
    assert load(DEFAULT) == Settings()


def test_eight_lines_connect_a_model_and_a_database(tmp_path: Path) -> None:
    settings = load(
        written(
            tmp_path,
            """
            [llm.providers.main]
            base_url = "https://models.example.com/v1"
            api_key_env = "MODEL_KEY"
            model = "qwen-max"
            [datasources.sales]
            type = "mysql"
            user = "reader"
            database = "sales"
            """,
        )
    )
    assert settings.llm.providers["main"].max_retries == 2
    assert settings.datasources["sales"].port == 3306


@pytest.mark.parametrize(
    ("text", "named", "nearest"),
    [
        ("[server]\nprot = 1", "server.prot", "port"),
        ("[sever]\nport = 1", "sever", "server"),
        ("[limits]\nquestion_char = 1", "limits.question_char", "question_chars"),
        ('[llm.providers.a]\nbase_url="http://h"\nmodel="m"\nidle_timeot=3', "idle_timeot", "idle_timeout"),
        ('[datasources.a]\ntype="sqlite"\npath="x"\npoolsize=3', "datasources.a.poolsize", "pool_size"),
    ],
)
def test_an_unknown_key_is_refused_with_its_nearest_neighbour(
    tmp_path: Path, text: str, named: str, nearest: str
) -> None:
    (problem,) = problems(tmp_path, text)
    assert named in problem
    assert f"did you mean {nearest}?" in problem


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[server]\nport = 70000", "server.port"),
        ('[server]\nport = "http"', "server.port"),
        ("[heartbeat]\ninterval = 0", "heartbeat.interval"),
        ('[auth]\nmode = "password"', "auth.mode"),
        ('[datasources.a]\ntype = "sqlite"', "path"),
        ('[datasources.a]\ntype = "mysql"', "user"),
        ('[datasources.a]\ntype = "sqlite"\npath="x"\ndenied_columns=["salary"]', "denied_columns"),
        ('[llm.providers.a]\nbase_url = "example.com"\nmodel = "m"', "base_url"),
        ('[llm.providers.a]\nbase_url = "http://h"', "llm.providers.a.model"),
        ('[llm.providers.a]\nkind="azure"\nbase_url="http://h"\nmodel="m"', "api_version"),
        ('[llm]\ndefault="b"\n[llm.providers.a]\nbase_url="http://h"\nmodel="m"', "default"),
        ("[server\n", "not valid TOML"),
    ],
)
def test_a_bad_value_is_refused_with_its_name(tmp_path: Path, text: str, named: str) -> None:
    assert any(named in problem for problem in problems(tmp_path, text))


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, "[server]\nport = -1\nprot = 1\n[log]\nlevel = 3")) == 3


def test_the_environment_goes_over_the_file_and_the_command_line_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, '[server]\nport = 1111\nhost = "localhost"\n[limits]\nqueries = 7')
    monkeypatch.setenv("TEXT2SQL_SERVER__PORT", "2222")
    monkeypatch.setenv("TEXT2SQL_LLM__PROVIDERS__MAIN__BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("TEXT2SQL_LLM__PROVIDERS__MAIN__MODEL", "m")
    assert load(file).server.port == 2222
    settings = load(file, {"server": {"port": 3333}})
    assert (settings.server.port, settings.server.host, settings.limits.queries) == (3333, "localhost", 7)
    assert settings.llm.providers["main"].model == "m"


def test_a_misspelt_variable_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXT2SQL_SEVER__PORT", "1")
    with pytest.raises(Misconfigured, match="TEXT2SQL_SERVER"):
        load()
    monkeypatch.delenv("TEXT2SQL_SEVER__PORT")
    monkeypatch.setenv("TEXT2SQL_SERVER__PROT", "1")
    with pytest.raises(Misconfigured, match="did you mean port"):
        load()


def test_secrets_are_never_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "s3cret-key")
    settings = load(
        written(
            tmp_path,
            """
            [llm.providers.main]
            base_url = "http://h/v1"
            api_key = "s3cret-key"
            model = "m"
            [datasources.a]
            type = "mysql"
            user = "u"
            database = "d"
            password = "s3cret-word"
            """,
        )
    )
    assert "s3cret" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.llm.providers["main"].key() == "s3cret-key"
    assert settings.datasources["a"].secret() == "s3cret-word"


def test_a_bad_secret_is_not_printed_either(tmp_path: Path) -> None:
    told = problems(tmp_path, '[datasources.a]\ntype="mysql"\nuser="u"\ndatabase="d"\npassword=["s3cret"]')
    assert "s3cret" not in "".join(told)


def test_check_says_what_is_wrong_and_exits_2_or_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", "--config", str(written(tmp_path, "[server]\nprot = 1"))]) == 2
    assert "did you mean port?" in capsys.readouterr().err
    assert main(["--check", "--config", str(DEFAULT)]) == 0
    assert main(["--check", "--config", str(tmp_path / "missing.toml")]) == 2


def test_with_logins_a_good_key_is_needed_and_strangers_may_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", "--config", str(written(tmp_path, '[auth]\nmode = "jwt"'))]) == 2
    assert "auth.jwks_url" in capsys.readouterr().err
    weak = written(tmp_path, '[auth]\nmode = "jwt"\nsecret = "s3cret-and-short"')
    assert main(["--check", "--config", str(weak)]) == 2
    told = capsys.readouterr().err
    assert "auth.secret" in told
    assert "s3cret" not in told
    good = written(tmp_path, f'[auth]\nmode = "jwt"\nsecret = "{"s3cret" * 6}"')
    assert main(["--check", "--host", "0.0.0.0", "--config", str(good)]) == 0
    printed = capsys.readouterr()
    assert "s3cret" not in printed.out + printed.err


def test_the_server_does_not_serve_strangers_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", "--host", "0.0.0.0"]) == 2
    assert "allow_insecure" in capsys.readouterr().err
    file = written(tmp_path, "[server]\nallow_insecure = true")
    assert main(["--check", "--host", "0.0.0.0", "--config", str(file)]) == 0
    assert main(["--check", "--host", "localhost"]) == 0
