"""Which columns may show example values: never a secret, never what identifies a person."""

import pytest

from text2sql_ws.catalog.sampling import may_be_sampled
from text2sql_ws.schema import Column

PRIVATE = (
    "password user_pwd userPassword PASSWD api_key apiKey access_token secretWord phone mobile_no tel"
    " home_tel Email e_mail id_card idCard passport_no ssn first_name lastName full_name real_name"
    " username birthday home_address street client_ip login 手机 联系电话 身份证号 密码 邮箱 姓名 银行卡号"
    " 微信号"
)


@pytest.mark.parametrize(
    "kind", ["VARCHAR(20)", "varchar(255)", "CHAR(2)", "nvarchar(20)", "TEXT", "character varying(8)"]
)
def test_short_text_may_be_sampled(kind: str) -> None:
    assert may_be_sampled(Column("status", kind))


@pytest.mark.parametrize(
    "kind", ["INT", "VARCHAR(256)", "LONGTEXT", "mediumtext", "BLOB", "DATE", "", "JSON", "enum('a','b')"]
)
def test_other_types_are_not(kind: str) -> None:
    assert not may_be_sampled(Column("status", kind))


def test_text_is_not_where_it_is_the_type_of_long_ones() -> None:
    assert not may_be_sampled(Column("status", "text"), text_is_long=True)
    assert may_be_sampled(Column("status", "varchar(20)"), text_is_long=True)


@pytest.mark.parametrize(
    "name",
    PRIVATE.split(),
)
def test_secrets_and_persons_are_never_sampled_by_name(name: str) -> None:
    assert not may_be_sampled(Column(name, "VARCHAR(20)"))


@pytest.mark.parametrize(
    "comment", ["登录密码", "员工手机号", "身份证", "客户邮箱", "Phone of the customer", "E-Mail"]
)
def test_nor_by_comment(comment: str) -> None:
    assert not may_be_sampled(Column("c7", "VARCHAR(20)", comment=comment))


@pytest.mark.parametrize(
    "name",
    [
        "hotel",
        "status",
        "region_name",
        "department_name",
        "product_name",
        "状态",
        "客户等级",
        "city",
        "recipient",
    ],
)
def test_what_only_looks_alike_may_be(name: str) -> None:
    assert may_be_sampled(Column(name, "VARCHAR(20)"))
