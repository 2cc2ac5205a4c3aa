"""Says what of a run somebody has to hear who does not look, also if it ended well.

As an event: alerts.yaml names it, beside the ends that are no good. What was told is
remembered: a run that is killed first owes its news to the next one.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.events import Event, RelatedResource, Resource
from prefect.events.related import related_resources_from_run_context
from prefect.runtime import flow_run

EVENT = "chronicle.attention"
TOLD = Path(".dvc/tmp/told.json")  # by file that is watched, what of it was told


def call(told: str, state: State[object]) -> None:
    """Send it, with how the run ends: Prefect does not know that yet.

    The server has it when this returns; what is sent in the background may be lost with
    its process.
    """
    if not told:
        return
    about = {
        "prefect.resource.id": f"prefect.flow-run.{flow_run.id}",
        "prefect.resource.name": str(flow_run.name),
        "chronicle.told": told,
    }
    event = Event(
        event=EVENT,
        resource=Resource(about),
        related=asyncio.run(related()),
        payload={"told": told, "state": state.name, "message": state.message},
    )
    with get_client(sync_client=True) as client:
        client.request("POST", "/events", json=[event.model_dump(mode="json")])


async def related() -> list[RelatedResource]:
    """Return what the run belongs to, as every event of Prefect's own has it."""
    async with get_client() as client:
        return await related_resources_from_run_context(client)


def known() -> dict[str, list[str]]:
    """Return what was told of each file that is watched."""
    try:
        found: dict[str, list[str]] = json.loads(TOLD.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def remember(loud: Mapping[str, list[str]]) -> None:
    """Keep what is loud now, of the files that this run made or left whole."""
    partial = TOLD.with_suffix(".part")
    partial.write_text(json.dumps({**known(), **loud}), encoding="utf-8")
    partial.replace(TOLD)
