"""Forms: what a page of ours posts, as browsers write it (`application/x-www-form-urlencoded`)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from fastapi import Request

from fogbank.kernel.ids import new_id
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.problems import Problem

FIELDS_MAX = 40
ACT_BYTES = 12


def new_act(entropy: Entropy) -> str:
    """A name for one act of a form: sent twice, it is done once."""
    return new_id("form", entropy(ACT_BYTES))


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a posted form; of one that is given twice, the last. 422 for what is no such form."""
    try:
        body = (await request.body()).decode()
        return dict(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body), max_num_fields=FIELDS_MAX))
    except ValueError as error:
        raise Problem(422, "not-a-form", "This is not a form as our pages send it.") from error


def read_answer(form: Mapping[str, str]) -> dict[str, Any]:
    """The credential that `static/js/passkeys.js` put into the field `answer`; 422 for anything else."""
    try:
        return msgspec.json.decode(form.get("answer", ""), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        detail = "No passkey came with this. It takes a browser that has passkeys, and scripts."
        raise Problem(422, "no-passkey", detail) from error
