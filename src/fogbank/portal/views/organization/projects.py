"""Projects and the instances in them, as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fogbank.accounts.client import InstanceView, ProjectView

PATH = "/organization/projects"
NONE = ""
ROWS_MAX = 100


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project; `path` is its page."""

    id: str
    key: str
    name: str
    instances: int
    is_archived: bool
    path: str


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One instance; `path` is below what can be done with it, `usage` shows what it uses."""

    id: str
    name: str
    project: str
    project_id: str
    labels: Sequence[str]
    path: str
    usage: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which instances are shown: of which project (`none` for those without), with what in their name or labels."""

    project: str = ""
    text: str = ""


def project_rows(projects: Sequence[ProjectView], instances: Sequence[InstanceView]) -> list[ProjectRow]:
    """By name, archived ones last."""
    in_order = sorted(projects, key=lambda each: (each.archived_at is not None, each.name.casefold()))
    return [_project_row(each, instances) for each in in_order]


def _project_row(project: ProjectView, instances: Sequence[InstanceView]) -> ProjectRow:
    return ProjectRow(
        id=project.id,
        key=project.key,
        name=project.name,
        instances=sum(each.project_id == project.id for each in instances),
        is_archived=project.archived_at is not None,
        path=f"{PATH}/{quote(project.id)}",
    )


def instance_rows(
    instances: Sequence[InstanceView], projects: Sequence[ProjectView], wanted: Filter, account_id: str
) -> list[InstanceRow]:
    """The wanted ones, by name."""
    names = {each.id: each.name for each in projects}
    rows = [_instance_row(each, names, account_id) for each in sorted(instances, key=lambda each: each.name.casefold())]
    return [row for row in rows if _is_wanted(row, wanted)]


def _instance_row(instance: InstanceView, names: dict[str, str], account_id: str) -> InstanceRow:
    project_id = instance.project_id or NONE
    return InstanceRow(
        id=instance.id,
        name=instance.name,
        project=names.get(project_id, ""),
        project_id=project_id,
        labels=[f"{key}={value}" for key, value in sorted(instance.labels.items())],
        path=f"{PATH}/instances/{quote(instance.id)}",
        usage=f"/usage?{urlencode({'account': account_id, 'q': instance.id})}",
    )


def _is_wanted(row: InstanceRow, wanted: Filter) -> bool:
    if wanted.project == "none" and row.project_id:
        return False
    if wanted.project not in ("", "none") and row.project_id != wanted.project:
        return False
    return wanted.text.casefold() in " ".join((row.name, row.id, *row.labels)).casefold()
