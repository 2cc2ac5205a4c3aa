"""Tells somebody when a run went wrong: automations, as alerts.yaml has them."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from prefect.automations import Automation
from prefect.blocks.notifications import SlackWebhook
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from prefect.events.actions import ActionTypes, CallWebhook, SendNotification
from prefect.events.schemas.automations import EventTrigger, Posture
from pydantic import SecretStr

DECLARED = Path(__file__).with_name("alerts.yaml")
OURS = ("expect", "for_each", "within")  # of a trigger
WEBHOOK, MAIL = "CHRONICLE_ALERT_WEBHOOK", "CHRONICLE_ALERT_MAIL"


def lay_down() -> list[str]:
    """Make an automation for each address that the environment has; return their names.

    One whose address is gone is taken away.
    """
    told = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    actions = {"webhook": call(told), "mail": write(told)}
    return [
        name for kind, action in actions.items() if (name := put(told, kind, action))
    ]


def call(told: dict[str, Any]) -> ActionTypes | None:
    """Return the call of the webhook: a JSON object with the words as `text`."""
    if not (url := os.environ.get(WEBHOOK)):
        return None
    block = Webhook(url=SecretStr(url), headers={"Content-Type": "application/json"})
    payload = "{% set told %}" + words(told) + '{% endset %}{"text": {{ told|tojson }}}'
    return CallWebhook(
        block_document_id=block.save("chronicle-webhook", overwrite=True),
        payload=payload,
    )


def write(told: dict[str, Any]) -> ActionTypes | None:
    """Return the letter."""
    if not (url := os.environ.get(MAIL)):
        return None
    # Prefect's block for Slack hands every address that is not Slack's to Apprise as it
    # is; a block for mail comes with a package of its own only.
    block = SlackWebhook(url=SecretStr(url))
    return SendNotification(
        block_document_id=block.save("chronicle-mail", overwrite=True),
        subject=told["subject"],
        body=told["body"],
    )


def words(told: dict[str, Any]) -> str:
    """Return subject and body as one text."""
    return f"{told['subject']}\n\n{told['body']}"


def put(told: dict[str, Any], kind: str, action: ActionTypes | None) -> str:
    """Make one automation what it should be; return its name, if it is there."""
    name = f"{told['name']}-{kind}"
    old = next(iter(known(name)), None)
    if action is None:
        if old:
            old.delete()
        return ""
    trigger = EventTrigger(
        expect=set(told["events"]),
        match={"prefect.resource.id": "prefect.flow-run.*"},
        posture=Posture.Reactive,
        threshold=1,
        for_each=set(told["alike"]),
        within=timedelta(seconds=told["once_in_seconds"]),
    )
    wanted = {"description": told["description"], "trigger": trigger}
    if old is None:
        Automation(name=name, actions=[action], **wanted).create()
        return name
    if not is_same(old, trigger, action):
        old.description, old.trigger = told["description"], trigger
        old.actions = [action]
        old.update()
    return name


def is_same(old: Automation, trigger: EventTrigger, action: ActionTypes) -> bool:
    """Say whether an automation is as it should be already.

    It is left alone then: while it is exchanged, the server misses what happens.
    """
    return (
        isinstance(old.trigger, EventTrigger)
        and all(getattr(old.trigger, each) == getattr(trigger, each) for each in OURS)
        and [each.model_dump() for each in old.actions] == [action.model_dump()]
    )


def known(name: str) -> list[Automation]:
    """Return the automations of a name."""
    with get_client(sync_client=True) as client:
        found = client.read_automations_by_name(name)
    return [Automation(**each.model_dump()) for each in found]
