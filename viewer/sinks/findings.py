"""What was found of what was asked beside boxes and maps, as it is written down."""

from typing import Any

from viewer.core.cam import Cam, Explained
from viewer.core.detector import DetectorInfo
from viewer.core.health import HealthLimits, StageHealth, crossed
from viewer.core.inquiry import Findings
from viewer.sinks.numbers import significant


def findings_record(findings: Findings, info: DetectorInfo | None) -> dict[str, Any]:
    """Turn findings into plain values for JSON.

    Args:
        findings: Of one frame.
        info: Of the detector, for class names.

    Returns:
        What was asked and nothing else. Of a cell `cell` of `node`, `row`, `column` and `values`, one a channel, in
        activation units. Where stages were watched `health`, as `viewer.core.health.StageHealth` says, with the numbers
        that were above their usual limits as `crossed`. Where something was explained `explanation` with the
        `objects`, as detections are written, or why there are none as `lost`; the `stage`; `limits` of the map in units
        of the score; `reach`, rows and columns of cells that its gradient reaches; `channels` of number and evidence;
        the `evidence` of all. Where a question has no answer, `refusals` says why.
    """
    record: dict[str, Any] = {}
    if findings.cell is not None:
        cell, values = findings.cell.cell, findings.cell.values.tolist()
        place = {"node": cell.node, "row": cell.row, "column": cell.column}
        record["cell"] = {**place, "values": [significant(value) for value in values]}
    if findings.health:
        record["health"] = [_health_record(health) for health in findings.health]
    if findings.cam is not None:
        record["explanation"] = _cam_record(findings.cam, info)
    if findings.refusals:
        record["refusals"] = list(findings.refusals)
    return record


def _health_record(health: StageHealth) -> dict[str, Any]:
    return {
        "node": health.stage.node,
        "name": health.stage.name,
        "frames": health.frames,
        "channels": health.channels,
        "dtype": health.dtype,
        "mean": significant(health.mean),
        "std": significant(health.std),
        "max": significant(health.max),
        "zeros": significant(health.zeros),
        "near_zeros": significant(health.near_zeros),
        "saturated": significant(health.saturated),
        "nonfinite": health.nonfinite,
        "dead": None if health.dead is None else list(health.dead),
        "died": list(health.died),
        "muted": health.muted,
        "broken": list(health.broken),
        "drift": significant(health.drift),
        "crossed": [str(measure) for measure in crossed(health, HealthLimits())],
    }


def _cam_record(cam: Cam, info: DetectorInfo | None) -> dict[str, Any]:
    record: dict[str, Any] = {"objects": [_explained_record(one, info) for one in cam.objects]}
    if cam.lost is not None:
        record["lost"] = str(cam.lost)
    if cam.map is not None:
        record |= {
            "stage": cam.map.stage.node,
            "name": cam.map.stage.name,
            "merged": cam.question.merged is not None,
            "limits": [significant(limit) for limit in cam.map.limits],
            "reach": list(cam.map.reach_hw),
            "nonfinite": cam.map.nonfinite,
            "evidence": significant(cam.evidence),
            "channels": [[number, significant(value)] for number, value in cam.channels],
        }
    return record


def _explained_record(one: Explained, info: DetectorInfo | None) -> dict[str, Any]:
    return {
        "label": one.label,
        "name": info.name_of(one.label) if info else f"class {one.label}",
        "score": round(one.score, 5),
        "xyxy": [round(edge, 2) for edge in one.xyxy],
        "stride": one.stride,
        "cell": None if one.cell is None else list(one.cell),
        "classes": [[label, round(score, 5)] for label, score in one.classes],
    }
