"""A hospital: a database that the offline model has never seen, with another style of names and comments.

It is here to show that the model reads a schema instead of knowing one. Nobody tunes the model by the names
in this file; where it fails on a question, what is mended must be true of any schema.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random

TABLES: tuple[str, ...] = (
    """CREATE TABLE Ward ( -- 科室
  wardId INTEGER PRIMARY KEY, -- 科室编号
  wardName TEXT NOT NULL, -- 科室名称
  floorNo INTEGER NOT NULL, -- 所在楼层
  bedCount INTEGER NOT NULL -- 床位数
)""",
    """CREATE TABLE Physician ( -- doctors of the hospital
  physicianId INTEGER PRIMARY KEY,
  fullName TEXT NOT NULL, -- name of the physician
  wardId INTEGER NOT NULL REFERENCES Ward (wardId), -- where the physician works
  grade TEXT NOT NULL, -- professional grade
  joinedOn DATE NOT NULL, -- first day at the hospital
  retiredOn DATE -- day of retirement, empty while still practising
)""",
    """CREATE TABLE Patient ( -- 患者
  patientId INTEGER PRIMARY KEY, -- 患者编号
  patientName TEXT NOT NULL, -- 患者姓名
  bornOn DATE NOT NULL, -- 出生日期
  hometown TEXT NOT NULL, -- 籍贯
  insuranceType TEXT NOT NULL -- 医保类型
)""",
    """CREATE TABLE Visit ( -- 就诊
  visitId INTEGER PRIMARY KEY, -- 就诊编号
  patientId INTEGER NOT NULL REFERENCES Patient (patientId), -- 就诊患者
  physicianId INTEGER NOT NULL REFERENCES Physician (physicianId), -- 接诊医生
  visitDate DATE NOT NULL, -- 就诊日期
  visitKind TEXT NOT NULL, -- 就诊类型
  diagnosis TEXT NOT NULL, -- 诊断
  feeTotal REAL NOT NULL -- 就诊费用（元）
)""",
    """CREATE TABLE Drug ( -- drugs that the hospital's pharmacy keeps
  drugId INTEGER PRIMARY KEY,
  drugName TEXT NOT NULL, -- name of the drug
  drugForm TEXT NOT NULL, -- form in which it is given
  unitCost REAL NOT NULL, -- cost of one unit
  stockLevel INTEGER NOT NULL -- units in stock
)""",
    """CREATE TABLE PrescriptionLine ( -- what was prescribed at a visit
  visitId INTEGER NOT NULL REFERENCES Visit (visitId),
  drugId INTEGER NOT NULL REFERENCES Drug (drugId),
  doses INTEGER NOT NULL, -- number of doses prescribed
  PRIMARY KEY (visitId, drugId)
)""",
    """CREATE TABLE Appointment ( -- bookings made by patients
  appointmentId INTEGER PRIMARY KEY,
  patientId INTEGER NOT NULL REFERENCES Patient (patientId),
  wardId INTEGER NOT NULL REFERENCES Ward (wardId),
  bookedFor DATE NOT NULL, -- day of the appointment
  outcome TEXT NOT NULL -- what became of the appointment
)""",
)

_WARDS = (
    ("心血管内科", 3, 48),
    ("儿科", 2, 36),
    ("骨科", 5, 42),
    ("眼科", 4, 18),
    ("皮肤科", 4, 12),
    ("急诊科", 1, 24),
)
_GRADES = ("resident", "attending", "chief")
_INSURANCES = ("职工医保", "居民医保", "商业保险", "自费")
_HOMETOWNS = ("江苏", "浙江", "安徽", "山东", "四川", "河南")
_KINDS = ("门诊", "门诊", "门诊", "急诊", "住院")
_DIAGNOSES = ("高血压", "肺炎", "骨折", "白内障", "湿疹", "冠心病", "流感")
_OUTCOMES = ("attended", "attended", "attended", "missed", "cancelled")
_DRUGS = (
    ("Amoxicillin", "capsule", 1.5, 820),
    ("Ibuprofen", "tablet", 0.75, 1400),
    ("Insulin", "injection", 48.0, 85),
    ("Aspirin", "tablet", 0.25, 2300),
    ("Ceftriaxone", "injection", 22.5, 160),
    ("Omeprazole", "capsule", 2.25, 640),
    ("Metformin", "tablet", 0.5, 910),
    ("Heparin", "injection", 36.0, 40),
    ("Loratadine", "tablet", 1.25, 75),
    ("Latanoprost", "drops", 95.5, 30),
    ("Tobramycin", "drops", 18.5, 120),
    ("Fluconazole", "capsule", 6.5, 210),
)
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = ("安", "博", "晨", "岚", "朗", "妍", "哲", "一诺", "若水")
_DOCTORS = (
    "Ada Brandt", "Boris Chen", "Carla Diaz", "Dmitri Egorov", "Elena Fischer", "Farid Gul", "Grace Hall",
    "Hugo Ibsen", "Irene Jung", "Jonas Keller", "Karin Lund", "Leo Moreau", "Mina Nakata", "Nils Olsen",
)  # fmt: skip

Row = tuple[object, ...]


def build_hospital(path: Path, today: date) -> None:
    """Write it to `path`, where no file may be: two years of visits up to `today`, the same each time."""
    rng = Random(11)
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in TABLES:
            connection.execute(statement)
        for table, rows in _rows(rng, today):
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _rows(rng: Random, today: date) -> Iterator[tuple[str, list[Row]]]:
    visits = [_visit(rng, number, today) for number in range(1, 1201)]
    yield "Ward", [(number, *ward) for number, ward in enumerate(_WARDS, 1)]
    yield "Physician", [_physician(rng, number, today) for number in range(1, len(_DOCTORS) + 1)]
    yield "Patient", [_patient(rng, number, today) for number in range(1, 121)]
    yield "Visit", visits
    yield "Drug", [(number, *drug) for number, drug in enumerate(_DRUGS, 1)]
    yield "PrescriptionLine", [line for number in range(1, 1201) for line in _prescribed(rng, number)]
    yield "Appointment", [_appointment(rng, number, today) for number in range(1, 601)]


def _physician(rng: Random, number: int, today: date) -> Row:
    retired = _ago(rng, today, 20, 400) if number % 5 == 0 else None
    grade = _GRADES[number % 3]
    return number, _DOCTORS[number - 1], number % 6 + 1, grade, _ago(rng, today, 800, 6000), retired


def _patient(rng: Random, number: int, today: date) -> Row:
    name = _FAMILY[number % 16] + _GIVEN[number % 9]
    born = _ago(rng, today, 300, 30_000)
    return number, name, born, rng.choice(_HOMETOWNS), rng.choice(_INSURANCES)


def _visit(rng: Random, number: int, today: date) -> Row:
    patient = 1 + int(120 * rng.random() ** 2)
    fee = round(rng.uniform(40, 2400) * 2) / 2
    return (
        number, patient, rng.randrange(1, 15), _ago(rng, today, 0, 720), rng.choice(_KINDS),
        rng.choice(_DIAGNOSES), fee,
    )  # fmt: skip


def _prescribed(rng: Random, visit: int) -> list[Row]:
    drugs = rng.sample(range(1, len(_DRUGS) + 1), rng.randrange(3))
    return [(visit, drug, rng.randrange(5, 31)) for drug in sorted(drugs)]


def _appointment(rng: Random, number: int, today: date) -> Row:
    return number, rng.randrange(1, 121), rng.randrange(1, 7), _ago(rng, today, 0, 300), rng.choice(_OUTCOMES)


def _ago(rng: Random, today: date, least: int, most: int) -> str:
    return (today - timedelta(days=rng.randrange(least, most))).isoformat()
