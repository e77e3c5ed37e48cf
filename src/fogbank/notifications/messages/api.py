"""Routes of messages, for services: is there a mail server, and send this."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from fogbank.notifications.client import NOTIFICATIONS_PATH, MessagesReadyView, MessageTakenView
from fogbank.notifications.messages import errors
from fogbank.notifications.messages.model import MessageKind
from fogbank.notifications.messages.service import Messages
from fogbank.runtime.http.caller import ServiceCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.refusals import refusals_as_problems
from fogbank.runtime.http.values import Email, Id
from fogbank.runtime.problems import Problem

Word = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00-\x1f\x7f]*$")]
DataName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to send; `data` is what its kind takes."""

    id: Id
    address: Email
    kind: MessageKind
    data: Annotated[dict[DataName, Word], Field(max_length=8)]


def _wrong_data(refusal: errors.WrongData) -> Problem:
    fault = {"field": "body.data", "reason": str(refusal)}
    return Problem(422, "invalid-request", f"The request is not valid: data: {refusal}.", extra={"errors": [fault]})


def _other_message(refusal: errors.OtherMessage) -> Problem:
    return Problem(409, "other-message", f"Under '{refusal.message_id}' another message was taken; use a new id.")


def _no_mail_server(_refusal: errors.NoMailServer) -> Problem:
    return Problem(409, "no-mail-server", "No mail server is set up here, so no e-mail can be sent; set smtp.host.")


REFUSALS = refusals_as_problems(
    {errors.WrongData: _wrong_data, errors.OtherMessage: _other_message, errors.NoMailServer: _no_mail_server}
)


def message_routes(messages: Messages) -> APIRouter:
    router = APIRouter(prefix=f"{NOTIFICATIONS_PATH}/messages", tags=["notifications"], dependencies=REFUSALS)

    @router.get("/ready", responses=problem_responses(401, 404))
    async def read_ready(_service: ServiceCaller) -> MessagesReadyView:
        """Whether there is a mail server."""
        return MessagesReadyView(messages.is_ready)

    @router.post("", status_code=202, responses=problem_responses(401, 404, 409))
    async def send_message(body: NewMessage, _service: ServiceCaller) -> MessageTakenView:
        """Send an e-mail of accounts to one address; the same id again is the same message."""
        await messages.take_once(body.id, body.address, body.kind, body.data)
        return MessageTakenView(body.id)

    return router
