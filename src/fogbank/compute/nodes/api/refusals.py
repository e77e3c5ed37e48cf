"""What nodes and placements refuse, as problems: the one place where a fact becomes a status."""

from math import ceil

from fogbank.compute.nodes import errors
from fogbank.runtime.http.refusals import Rendered, refusals_as_problems
from fogbank.runtime.problems import Problem, not_found


def _not_visible(refusal: errors.NotVisible) -> Problem:
    return not_found(refusal.what, refusal.identifier)


def _invalid(field: str, reason: str) -> Problem:
    errors_ = [{"field": f"body.{field}", "reason": reason}]
    detail = f"The request is not valid: body.{field}: {reason}."
    return Problem(422, "invalid-request", detail, extra={"errors": errors_})


def _name_not_free(refusal: errors.NameNotFree) -> Problem:
    return _invalid("node_id", f"'{refusal.node_id}' is reserved, or no id; take another name")


def _token_not_good(_refusal: errors.TokenNotGood) -> Problem:
    return Problem(401, "wrong-token", "This token is not known, or it has expired; ask for another one.")


def _token_used(_refusal: errors.TokenUsed) -> Problem:
    return Problem(409, "token-used", "This token was used for another node or key; ask for another one.")


def _token_of_another(refusal: errors.TokenOfAnother) -> Problem:
    return _invalid("node_id", f"this token is for the node '{refusal.node_id}'")


def _too_many_attempts(refusal: errors.TooManyAttempts) -> Problem:
    seconds = ceil(refusal.retry_after.total_seconds())
    detail = f"Too many attempts failed from here; try again in {seconds} seconds."
    return Problem(429, "too-many-attempts", detail, headers={"retry-after": str(seconds)})


def _proof_wrong(refusal: errors.ProofWrong) -> Problem:
    detail = f"The {refusal.field} is not a signature by that key over what it should be."
    return Problem(401, "wrong-signature", detail, extra={"field": refusal.field})


def _key_not_good(_refusal: errors.KeyNotGood) -> Problem:
    return _invalid("public_key", "must be the 32 bytes of an Ed25519 public key, in base64")


def _key_taken(_refusal: errors.KeyTaken) -> Problem:
    return Problem(409, "key-taken", "This key was registered before; make a new one.")


def _key_followed(_refusal: errors.KeyFollowed) -> Problem:
    return Problem(409, "key-followed", "Another key has followed this one; only the newest signs for the next.")


def _too_many_keys(refusal: errors.TooManyKeys) -> Problem:
    detail = f"{refusal.most} keys of this node hold, which is the most; try again after {refusal.until.isoformat()}."
    return Problem(409, "too-many-keys", detail, extra={"most": refusal.most})


def _node_taken(refusal: errors.NodeTaken) -> Problem:
    detail = f"A node '{refusal.node_id}' is registered otherwise; take another name, or ask for a token for this one."
    return Problem(409, "node-taken", detail)


def _node_revoked(refusal: errors.NodeRevoked) -> Problem:
    return Problem(409, "node-revoked", f"The node '{refusal.node_id}' was revoked; register under another name.")


def _instance_placed(refusal: errors.InstancePlaced) -> Problem:
    detail = (
        f"The instance '{refusal.instance_id}' is placed on '{refusal.node_id}' or has another owner there; "
        "end that placement, or say that it moves (`moves`, on the command line --move)."
    )
    extra = {"placement_id": refusal.placement_id, "node_id": refusal.node_id}
    return Problem(409, "instance-placed", detail, extra=extra)


def _instant_refused(refusal: errors.InstantRefused) -> Problem:
    return _invalid(
        refusal.field, f"must be from {refusal.earliest.isoformat()} to {refusal.latest.isoformat()}, or left out"
    )


def _reason_missing(_refusal: errors.ReasonMissing) -> Problem:
    return _invalid("reason", "is what the activity log keeps of this; say why")


PROBLEMS: dict[type[errors.Refusal], Rendered] = {
    errors.NotVisible: _not_visible,
    errors.NameNotFree: _name_not_free,
    errors.TokenNotGood: _token_not_good,
    errors.TokenUsed: _token_used,
    errors.TokenOfAnother: _token_of_another,
    errors.TooManyAttempts: _too_many_attempts,
    errors.ProofWrong: _proof_wrong,
    errors.KeyNotGood: _key_not_good,
    errors.KeyTaken: _key_taken,
    errors.KeyFollowed: _key_followed,
    errors.TooManyKeys: _too_many_keys,
    errors.NodeTaken: _node_taken,
    errors.NodeRevoked: _node_revoked,
    errors.InstancePlaced: _instance_placed,
    errors.InstantRefused: _instant_refused,
    errors.ReasonMissing: _reason_missing,
}

REFUSALS = refusals_as_problems(PROBLEMS)
"""For a router's `dependencies=`."""
