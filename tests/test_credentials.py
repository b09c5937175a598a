"""Secrets in files: named like settings, over the configuration, under the environment."""

from pathlib import Path

import pytest

from text2sql_ws.settings import Misconfigured, load

FILE = """
[llm.providers.main]
base_url = "http://127.0.0.1:9/v1"
model = "m"
[datasources.sales]
type = "mysql"
user = "reader"
database = "sales"
password = "old"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "credentials"
    made.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(made))
    (tmp_path / "my.toml").write_text(FILE)
    return made


def problems(folder: Path) -> str:
    with pytest.raises(Misconfigured) as wrong:
        load(folder.parent / "my.toml")
    return " ".join(wrong.value.problems)


def test_a_file_gives_the_setting_that_it_is_named_like(folder: Path) -> None:
    (folder / "datasources.sales.password").write_text("s3cret-word\n")
    (folder / "text2sql_llm.providers.main.api_key").write_text("s3cret-key")
    (folder / "text2sql_auth.secret").write_text("s3cret " * 6)
    settings = load(folder.parent / "my.toml")
    assert settings.datasources["sales"].secret() == "s3cret-word"
    assert settings.llm.providers["main"].key() == "s3cret-key"
    assert settings.auth.secret is not None
    assert settings.auth.secret.get_secret_value() == "s3cret " * 6, "spaces may be part of a secret"
    assert "s3cret" not in repr(settings)


def test_the_environment_goes_over_a_credential(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "datasources.sales.password").write_text("from the file")
    monkeypatch.setenv("TEXT2SQL_DATASOURCES__SALES__PASSWORD", "from the environment")
    assert load(folder.parent / "my.toml").datasources["sales"].secret() == "from the environment"


def test_a_file_that_names_no_setting_is_refused(folder: Path) -> None:
    (folder / "text2sql_datasources.sales.pasword").write_text("s3cret")
    told = problems(folder)
    assert "datasources.sales.pasword is not a setting; did you mean password?" in told
    assert "s3cret" not in told


def test_what_is_not_text_is_refused_by_its_name(folder: Path) -> None:
    (folder / "auth.secret").write_bytes(b"s3cret\xff")
    assert problems(folder) == "credential auth.secret: not UTF-8"


def test_a_folder_that_is_not_there_is_refused(folder: Path) -> None:
    folder.rmdir()
    assert "CREDENTIALS_DIRECTORY" in problems(folder)


def test_a_credential_can_not_be_a_table_too(folder: Path) -> None:
    (folder / "auth").write_text("x")
    (folder / "auth.secret").write_text("x")
    assert "auth is a credential itself" in problems(folder)
