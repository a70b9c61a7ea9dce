# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Every model there is, all its fields, the newest records: nobody without the permission finds a detail anywhere."""
from __future__ import annotations

import pytest
from attacker import Client
from conftest import Attack
from matrix import LIMITED, MASKED, Role
from world import World


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("role", MASKED + LIMITED, ids=str)
def test_sweep(world: World, attack: Attack, role: Role, client: Client) -> None:
    for model, ids in world.readable(client).items():
        types = attack.probe("fields of %s" % model, client.call, model, "fields_get", [], ["type", "selection", "help"]) or {}
        fields = [name for name, field in types.items() if field["type"] != "binary"]
        if fields and attack.probe(model, client.call, model, "read", ids, fields) is None:
            for name in fields:  # one field that fails must not hide the others
                attack.probe("%s.%s" % (model, name), client.call, model, "read", ids, [name])
