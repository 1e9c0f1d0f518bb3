"""Fields that the server alone decides, by kind of object, with a value that nobody else would choose."""

from __future__ import annotations

from typing import Any, Final

LONG_AGO: Final = "2001-02-03T04:05:06.000007Z"
COUNT: Final = 4242
NOBODY: Final = "$somebody"
"""Stands for the id of another account."""

_TIMES: Final = {"created_at": LONG_AGO, "updated_at": LONG_AGO}
_EVERY: Final = {**_TIMES, "id": COUNT, "created_by": NOBODY, "organization": COUNT}
_STORAGE: Final = {
    "id": COUNT,
    "created_at": LONG_AGO,
    "status": "failed",
    "last_sync": LONG_AGO,
    "last_sync_count": COUNT,
    "last_sync_job": "nobody's",
    "traceback": "nothing happened",
    "meta": {"attempts": COUNT},
    "type": "s3",
    "synchronizable": False,
}
OWNED: Final[dict[str, dict[str, Any]]] = {
    "project": {
        **_TIMES,
        "id": COUNT,
        "task_number": COUNT,
        "finished_task_number": COUNT,
        "total_annotations_number": COUNT,
        "total_predictions_number": COUNT,
        "useful_annotation_number": COUNT,
        "ground_truth_number": COUNT,
        "skipped_annotations_number": COUNT,
        "num_tasks_with_annotations": COUNT,
        "queue_total": COUNT,
        "queue_done": COUNT,
        "parsed_label_config": {},
        "config_has_control_tags": False,
        "created_by": {"id": NOBODY},
        "organization": COUNT,
    },
    "task": {
        **_EVERY,
        "inner_id": COUNT,
        "is_labeled": True,
        "total_annotations": COUNT,
        "cancelled_annotations": COUNT,
        "total_predictions": COUNT,
        "comment_count": COUNT,
        "unresolved_comment_count": COUNT,
        "comment_authors": [NOBODY],
        "last_comment_updated_at": LONG_AGO,
        "updated_by": NOBODY,
        "completed_at": LONG_AGO,
        "avg_lead_time": 0.25,
        "draft_exists": True,
        "ground_truth": True,
        "predictions_score": 0.25,
        "annotators": [NOBODY],
        "annotations_ids": "1,2",
        "storage_filename": "nowhere",
        "predictions_results": "[]",
    },
    "annotation": {
        **_EVERY,
        "updated_by": NOBODY,
        "last_created_by": NOBODY,
        "last_action": "imported",
        "bulk_created": True,
        "created_username": "somebody",
        "created_ago": "long",
        "result_count": COUNT,
        "unique_id": "11111111-1111-4111-8111-111111111111",
    },
    "prediction": {
        **_EVERY,
        "cluster": COUNT,
        "neighbors": [COUNT],
        "mislabeling": 0.25,
        "created_ago": "long",
        "model": COUNT,
        "model_run": COUNT,
    },
    "view": {**_EVERY, "user": NOBODY, "order": COUNT},
    "webhook": dict(_EVERY),
    "local_import": dict(_STORAGE),
    "local_export": dict(_STORAGE),
    "user": {
        "id": COUNT,
        "last_activity": LONG_AGO,
        "date_joined": LONG_AGO,
        "is_staff": True,
        "is_superuser": True,
        "is_active": False,
        "active_organization": COUNT,
        "initials": "ZZ",
        "password": "guessed",
    },
    "export": {
        **_TIMES,
        "id": COUNT,
        "status": "failed",
        "finished_at": LONG_AGO,
        "md5": "0" * 32,
        "counters": {"task_number": COUNT},
        "created_by": {"id": NOBODY},
        "converted_formats": [{"export_type": "CSV"}],
    },
}
# What a client may well say at creation: an annotation is drawn by somebody at some time.
AT_CREATION: Final = {"annotation": {"unique_id", "last_action"}}
COUNTERS: Final = frozenset(
    {
        "task_number",
        "finished_task_number",
        "total_annotations_number",
        "total_predictions_number",
        "is_labeled",
        "useful_annotation_number",
        "ground_truth_number",
        "skipped_annotations_number",
        "num_tasks_with_annotations",
        "queue_total",
        "queue_done",
        "total_annotations",
        "cancelled_annotations",
        "total_predictions",
        "comment_count",
        "unresolved_comment_count",
        "result_count",
        "last_sync_count",
    }
)
IDENTITIES: Final = frozenset({"id", "inner_id", "unique_id"})
TIMES: Final = frozenset(
    {
        "created_at",
        "updated_at",
        "completed_at",
        "last_comment_updated_at",
        "date_joined",
        "last_activity",
        "last_sync",
        "finished_at",
    }
)
PEOPLE: Final = frozenset(
    {
        "created_by",
        "updated_by",
        "last_created_by",
        "user",
        "annotators",
        "comment_authors",
        "organization",
        "active_organization",
        "is_staff",
        "is_superuser",
        "is_active",
        "created_username",
    }
)


def requirement(field: str, *, creation: bool) -> str:
    """Return which requirement a field is a case of."""
    groups = (COUNTERS, IDENTITIES, TIMES, PEOPLE)
    number = next((n for n, group in enumerate(groups, 1) if field in group), len(groups) + 1)
    return f"LS-OWNED-{number + (10 if creation else 0):03}"


def with_person(value: Any, person: int) -> Any:
    """The value with a real account in the place of the one that is meant."""
    if isinstance(value, dict):
        return {k: with_person(v, person) for k, v in value.items()}
    if isinstance(value, list):
        return [with_person(v, person) for v in value]
    return person if value == NOBODY else value


def holds(told: Any, value: Any) -> bool:
    """Return whether a field has the value that was written; a person may be an id, or an object with one in a list."""
    if told == value:
        return True
    if isinstance(told, list) and len(told) == 1 and isinstance(told[0], dict):
        return bool(told[0].get("user_id", told[0].get("id")) == value)
    return False
