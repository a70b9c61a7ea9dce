# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Public methods are doors, too: every one the suite adds is called by every role that must not see, on others' records."""
from __future__ import annotations

import pytest
from attacker import Client
from conftest import Attack
from matrix import LIMITED, MASKED, Role
from registry import public_methods
from world import World


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("role", MASKED + LIMITED, ids=str)
def test_public_methods(world: World, attack: Attack, role: Role, client: Client) -> None:
    targets: dict[str, list[int]] = {}
    for name, (model, record_id) in world.records.items():
        if name.startswith(("other", "pooled")):
            targets.setdefault(model, []).append(record_id)
    for model, ids in world.follow_ups.items():
        targets.setdefault(model, []).extend(ids)
    for model, method, of_model in public_methods():
        if of_model:
            attack.probe("%s.%s" % (model, method), client.call, model, method)
        for record_id in targets.get(model, ()):
            attack.probe("%s.%s" % (model, method), client.call, model, method, [record_id])
