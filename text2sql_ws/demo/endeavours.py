"""The rows of the projects that `company` names: who asked for them, who leads them, who takes part."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random

from text2sql_ws.demo.company import DEPARTMENTS, PROJECTS, Project
from text2sql_ws.demo.customers import Customer
from text2sql_ws.demo.seasons import Period
from text2sql_ws.demo.staff import Employee

_ROLES = ("技术负责人", "实施工程师", "商务专员", "质量专员", "实施工程师")


def project_rows(
    rng: Random, period: Period, customers: Sequence[Customer], staff: Sequence[Employee]
) -> Iterator[tuple[object, ...]]:
    """Rows of `projects`, ids from 1, as `PROJECTS` has them."""
    for number, project in enumerate(PROJECTS, 1):
        department = _department_id(project)
        begun = period.ago(project.begun)
        ended = None if project.days is None else begun + timedelta(days=project.days)
        leaders = [one.id for one in _there(staff, department, begun, period.today)][:4]
        yield (
            number, project.name, _client(rng, project, customers), department, rng.choice(leaders),
            project.status, project.budget, _spent(rng, project), begun.isoformat(),
            ended and ended.isoformat(),
        )  # fmt: skip


def member_rows(
    rng: Random, projects: Sequence[tuple[object, ...]], staff: Sequence[Employee]
) -> Iterator[tuple[object, ...]]:
    """Rows of `project_members` for the rows of `project_rows`: the leader, and up to eight more."""
    current = [one for one in staff if one.left is None]
    for project_id, _, _, department, leader, *_ in projects:
        yield project_id, leader, "项目经理", rng.randrange(200, 900, 20)
        own = [one.id for one in current if one.department_id == department and one.id != leader]
        others = [one.id for one in current if one.department_id <= 2 and one.department_id != department]
        chosen = rng.sample(own, min(len(own), rng.randint(2, 5))) + rng.sample(others, rng.randint(0, 3))
        for place, member in enumerate(chosen):
            yield project_id, member, _ROLES[place % len(_ROLES)], rng.randrange(80, 600, 20)


def _department_id(project: Project) -> int:
    return _DEPARTMENT_IDS[project.department]


def _there(staff: Sequence[Employee], department: int, since: date, today: date) -> list[Employee]:
    return [one for one in staff if one.department_id == department and one.employed(since, today)]


def _client(rng: Random, project: Project, customers: Sequence[Customer]) -> int | None:
    if not project.for_customer:
        return None
    region = next(one.region for one in DEPARTMENTS if one.name == project.department)
    return rng.choice([one.id for one in customers if one.region.name == region and one.level < 2])


def _spent(rng: Random, project: Project) -> int:
    """Done: about the budget, and sometimes over it; under way: by the time that passed."""
    match project.status:
        case "筹备中":
            part = 0.0
        case "已完成":
            part = rng.uniform(0.82, 1.12)
        case "已暂停":
            part = rng.uniform(0.2, 0.5)
        case _:
            part = min(0.95, project.begun / 600 * rng.uniform(0.8, 1.2))
    return round(project.budget * part / 1000) * 1000


_DEPARTMENT_IDS: Mapping[str, int] = {one.name: number for number, one in enumerate(DEPARTMENTS, 1)}
