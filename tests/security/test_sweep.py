# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every model there is, all its fields, the newest records: nobody without the permission finds a detail anywhere."""
from __future__ import annotations

import pytest
from attacker import Client, Refused
from conftest import Attack
from matrix import MASKED, Role
from world import World


@pytest.mark.parametrize("role", MASKED, ids=str)
def test_sweep(world: World, attack: Attack, role: Role, client: Client) -> None:
    for model in sorted(world.models):
        try:
            fields = [
                name
                for name, field in client.call(model, "fields_get", [], ["type"]).items()
                if field["type"] != "binary" and not name.startswith("image_")
            ]
            ids = client.call(model, "search", [], limit=40, order="id desc")
        except Refused:
            continue
        if ids:
            answer = attack.probe(model, client.call, model, "read", ids, fields)
            if answer is None:  # one field or record that fails must not hide the others
                for name in fields:
                    attack.probe("%s.%s" % (model, name), client.call, model, "read", ids, [name])
