"""Says what of a run somebody has to hear who does not look, also if it ended well.

As an event: alerts.yaml names it, beside the ends that are no good.
"""

from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.runtime import flow_run

EVENT = "chronicle.attention"


def call(told: str, state: State[object]) -> None:
    """Send it, with how the run ends: Prefect does not know that yet."""
    if told:
        emit_event(
            EVENT,
            resource={
                "prefect.resource.id": f"prefect.flow-run.{flow_run.id}",
                "prefect.resource.name": str(flow_run.name),
                "chronicle.told": told,
            },
            payload={"told": told, "state": state.name, "message": state.message},
        )
