"""Who works for the company, and since when: heads first, then their people, some of whom have left."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from text2sql_ws.demo.company import DEPARTMENTS, SALES_HEAD, Department
from text2sql_ws.demo.names import People
from text2sql_ws.demo.seasons import Period

_EDUCATION = {"博士": 4, "硕士": 24, "本科": 56, "大专": 16}
_BASE_SALARY = {"技术": 17_000, "职能": 11_000, "支持": 8_000, "销售": 10_500}
_SENIORITY = (1.55, 1.0, 0.8)
_LEAVING = 0.16


@dataclass(frozen=True, slots=True)
class Employee:
    """`region` is the one a salesperson sells in."""

    id: int
    name: str
    gender: str
    department_id: int
    title: str
    education: str
    manager_id: int | None
    born: date
    hired: date
    left: date | None
    salary: int
    region: str | None

    def employed(self, first: date, last: date) -> bool:
        """Was here on every day from `first` to `last`."""
        return self.hired <= first and (self.left is None or self.left > last)


def hire(rng: Random, period: Period) -> list[Employee]:
    """Everyone who ever worked here, ids from 1, each department's head before its people.

    Heads, and the first three of every sales department, came before the period and are still here: somebody
    can sell in each region on any day.
    """
    people = People(rng)
    staff: list[Employee] = []
    for number, department in enumerate(DEPARTMENTS, 1):
        head = len(staff) + 1
        for place in range(department.staff):
            staff.append(_employee(rng, people, len(staff) + 1, number, department, place, head, period))
    return staff


def _employee(
    rng: Random,
    people: People,
    number: int,
    department_id: int,
    department: Department,
    place: int,
    head: int,
    period: Period,
) -> Employee:
    name, gender = people.next()
    hired, left = _term(rng, place < 3, period)
    seniority, title = _post(department, place)
    salary = _BASE_SALARY[department.type] * seniority * rng.uniform(0.85, 1.2)
    return Employee(
        id=number,
        name=name,
        gender=gender,
        department_id=department_id,
        title=title,
        education=rng.choices(list(_EDUCATION), list(_EDUCATION.values()))[0],
        manager_id=None if number == head else head,
        born=hired - timedelta(days=int(rng.uniform(22.5, 42 if place else 48) * 365)),
        hired=hired,
        left=left,
        salary=round(salary / 100) * 100,
        region=department.region,
    )


def _post(department: Department, place: int) -> tuple[float, str]:
    if place == 0:
        return 2.4, SALES_HEAD if department.type == "销售" else "部门总监"
    rank = min(int(place * len(department.titles) / department.staff), len(department.titles) - 1)
    return _SENIORITY[rank], department.titles[rank]


def _term(rng: Random, lasting: bool, period: Period) -> tuple[date, date | None]:
    if lasting:
        return period.first - timedelta(days=rng.randrange(200, 3600)), None
    worked = int(3300 * rng.random() ** 1.3) + 10
    hired = period.ago(worked)
    if worked > 150 and rng.random() < _LEAVING:
        return hired, hired + timedelta(days=rng.randrange(90, worked))
    return hired, None


def rows(staff: list[Employee]) -> Iterator[tuple[object, ...]]:
    for one in staff:
        yield (
            one.id, one.name, one.gender, one.department_id, one.title, one.education, one.manager_id,
            one.born.isoformat(), one.hired.isoformat(), one.left and one.left.isoformat(), one.salary,
        )  # fmt: skip
