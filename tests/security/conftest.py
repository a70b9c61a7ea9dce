# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attacker import Client, Refused, Server
from matrix import Role
from world import World, build

PROBES = pytest.StashKey[list]()


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    world = build(Server())
    yield world
    world.close()


class Attack:
    """Counts probes and leaks; a test fails with every leak it found, not with the first."""

    def __init__(self, world: World, log: list[tuple[str, list[str]]]) -> None:
        self.world = world
        self.log = log
        self.found: list[str] = []

    def probe(self, what: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Go through a door: an error is fine, an answer must hold no secret. Returns the answer, or None."""
        try:
            answer = call(*args, **kwargs)
        except Refused:
            answer = None
        leaks = self.world.leaks(answer)
        self._note(what, leaks)
        return answer

    def compare(self, what: str, call: Callable[[Any], Any], right: Any, wrong: Any) -> None:
        """A right guess and a wrong one must get the same answer (or both an error)."""
        answers = []
        for guess in (right, wrong):
            try:
                answers.append(call(guess))
            except Refused:
                answers.append("refused")
        self._note(what, [] if answers[0] == answers[1] else ["a right guess is told from a wrong one"])

    def check(self, what: str, fine: bool, otherwise: str) -> None:
        self._note(what, [] if fine else [otherwise])

    def _note(self, what: str, leaks: list[str]) -> None:
        self.log.append((what, leaks))
        self.found += ["%s: %s" % (what, leak) for leak in leaks]


@pytest.fixture
def attack(world: World, request: pytest.FixtureRequest) -> Iterator[Attack]:
    attack = Attack(world, request.config.stash.setdefault(PROBES, []))
    yield attack
    assert not attack.found, "\n".join(attack.found)


@pytest.fixture
def client(world: World, role: Role) -> Client:
    if role.name not in world.clients:
        pytest.skip("%s needs an addon that is not installed" % role)
    return world.clients[role.name]


@pytest.fixture
def hidden(world: World, role: Role) -> Iterator[None]:
    """Only what is hidden from the role counts as a secret."""
    everything, world.secrets = world.secrets, world.hidden_from(role)
    yield
    world.secrets = everything


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    log = config.stash.get(PROBES, [])
    leaks = sum(1 for _what, found in log if found)
    terminalreporter.write_line("security: %d probes, %d leaks" % (len(log), leaks))
