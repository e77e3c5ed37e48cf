"""`fogbank people sign-in-link`: the way in where no e-mails are sent, and what the first visit asks."""

import asyncio
import json

import httpx
from tests.e2e.starting import fogbank, running_up

from fogbank.runtime.embedded import temporary_directory

PASSWORD = "plum trees under rain"


async def test_a_link_made_on_the_machine_signs_in_once_and_a_password_is_chosen() -> None:
    with temporary_directory() as directory:
        async with running_up(directory) as up, httpx.AsyncClient(base_url=up.ready["url"], timeout=60) as http:
            data, email = up.ready["data"], up.ready["email"]
            asked = ("people", "sign-in-link", email, "--reason", "verlegt: Schlüssel", "--data", data, "--json")
            made = await asyncio.to_thread(fogbank, *asked)
            assert made.returncode == 0
            token = {"token": json.loads(made.stdout)["url"].partition("token=")[2]}
            session = (await http.post("/api/v1/auth/sessions:link", json=token)).json()
            assert (await http.post("/api/v1/auth/sessions:link", json=token)).status_code == 401
            grant = {"grant_type": "session", "session_token": session["session_token"]}
            access = (await http.post("/api/v1/auth/token", json=grant)).json()["access_token"]
            headers = {"authorization": f"Bearer {access}"}
            me = (await http.get("/api/v1/users/me", headers=headers)).json()
            assert not me["has_chosen_password"]
            chosen = await http.put(
                f"/api/v1/users/{me['id']}/password", json={"new_password": PASSWORD}, headers=headers
            )
            assert chosen.status_code == 204
            body = {"email": email, "password": PASSWORD}
            assert (await http.post("/api/v1/auth/sessions", json=body)).status_code == 201
            stranger = ("people", "sign-in-link", "nobody@example.org", "--data", data)
            unknown = await asyncio.to_thread(fogbank, *stranger)
            assert (unknown.returncode, unknown.stdout) == (1, "")
            assert unknown.stderr == "fogbank: Nobody here has the address nobody@example.org.\n"
