# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What becomes of a submission, given who is known: a new lead, a part of an open one, or nothing.

* The same **person** is who shares a phone, WeChat id or e-mail (in this order of trust). Each person has one open lead.
* The same **company** is who shares credit code or name. It makes the same lead only if nothing says that it is another
  person: no other value of a key both have, no other contact name. Otherwise it is a colleague: a lead of their own,
  linked to the company's customer record and proposed to the owner who knows the company already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Optional

from .normalise import COMPANY_KINDS, PERSON_KINDS

ATTACH, LINK, REJECT, CREATE = "attach", "link", "reject", "create"
Key = tuple[str, str]


@dataclass(frozen=True)
class Lead:
    """A known lead; ``partner_id`` and ``owner_id`` are 0 if there is none, ``company`` is 0 if it is shared."""

    id: int
    open: bool
    company: int = 0
    partner_id: int = 0
    owner_id: int = 0
    contact: str = ""
    keys: frozenset[Key] = frozenset()


@dataclass(frozen=True)
class Partner:
    """A known customer or contact of one, with the open lead about it (0 if there is none)."""

    id: int
    company: int = 0
    owner_id: int = 0
    company_partner_id: int = 0
    lead_id: int = 0
    lead_owner_id: int = 0


@dataclass(frozen=True)
class Row:
    """A submission: the id its lead will get, its keys (kind, value), and the channel's policy."""

    lead_id: int
    keys: tuple[Key, ...]
    company: int = 0
    policy: str = ATTACH
    all_companies: bool = False
    contact: str = ""


@dataclass(frozen=True)
class Decision:
    """``action`` create, attach (to ``lead_id``) or reject; ids are 0 where there is nothing.

    ``kind`` is the key that decided ("" if nobody is known), ``closed`` says that the person is known from a closed
    lead or as a customer only, ``known_id`` is the lead found, also where none is attached to.
    """

    action: str
    lead_id: int
    partner_id: int = 0
    owner_id: int = 0
    kind: str = ""
    closed: bool = False
    known_id: int = 0


@dataclass
class Known:
    """Whom the keys of a batch lead to; the batch's own new leads are added as they are decided."""

    leads: dict[int, Lead] = field(default_factory=dict)
    partners: dict[int, Partner] = field(default_factory=dict)
    leads_by_key: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    partners_by_key: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))

    def find_leads(self, row: Row, key: Key) -> Iterable[Lead]:
        leads = (self.leads[lead_id] for lead_id in self.leads_by_key.get(key, ()) if lead_id in self.leads)
        return sorted((lead for lead in leads if _in_scope(row, lead.company)), key=lambda lead: (not lead.open, lead.id))

    def find_partners(self, row: Row, key: Key) -> Iterable[Partner]:
        ids = self.partners_by_key.get(key, ())
        partners = (self.partners[partner_id] for partner_id in ids if partner_id in self.partners)
        return [partner for partner in partners if _in_scope(row, partner.company)]

    def learn(self, row: Row, decision: Decision) -> None:
        """Remember what was decided: the person's keys now lead to that lead."""
        if decision.action == REJECT or not decision.lead_id:
            return
        if decision.action == CREATE:
            self.leads[row.lead_id] = Lead(
                row.lead_id, True, row.company, decision.partner_id, decision.owner_id, row.contact, frozenset(row.keys)
            )
        for key in row.keys:
            if decision.action == CREATE or key[0] in PERSON_KINDS:
                self.leads_by_key[key].append(decision.lead_id)


def decide_all(rows: Iterable[Row], known: Known) -> list[Decision]:
    """One decision a row, in order; each row knows of those before it.

    >>> known = Known()
    >>> phone = ("phone", "+8613800138000")
    >>> [d.action for d in decide_all([Row(1, (phone,)), Row(2, (phone, ("email", "a@b.cn"))), Row(3, ())], known)]
    ['create', 'attach', 'create']
    """
    decisions = []
    for row in rows:
        decision = decide(row, known)
        known.learn(row, decision)
        decisions.append(decision)
    return decisions


def decide(row: Row, known: Known) -> Decision:
    """See the module; cost: the number of records its keys lead to."""
    return _same_person(row, known) or _same_company(row, known) or Decision(CREATE, row.lead_id)


def _in_scope(row: Row, company: int) -> bool:
    return row.all_companies or not company or not row.company or company == row.company


def _same_person(row: Row, known: Known) -> Optional[Decision]:
    keys = [key for kind in PERSON_KINDS for key in row.keys if key[0] == kind]
    for key in keys:
        for lead in known.find_leads(row, key):
            if lead.open:
                return _attach(row, lead.id, lead.partner_id, lead.owner_id, key[0])
    partner, kind = _first_partner(row, known, keys)
    if partner:
        if partner.lead_id:
            return _attach(row, partner.lead_id, partner.id, partner.lead_owner_id, kind)
        action = REJECT if row.policy == REJECT else CREATE
        return Decision(action, row.lead_id if action == CREATE else 0, partner.id, partner.owner_id, kind, True)
    closed = [(lead, key[0]) for key in keys for lead in known.find_leads(row, key)]
    if closed:
        lead, kind = max(closed, key=lambda found: found[0].id)
        return Decision(CREATE, row.lead_id, lead.partner_id, lead.owner_id, kind, True, lead.id)
    return None


def _first_partner(row: Row, known: Known, keys: Iterable[Key]) -> tuple[Optional[Partner], str]:
    """The customer the keys lead to; one with an open lead first."""
    found = [(partner, key[0]) for key in keys for partner in known.find_partners(row, key)]
    found.sort(key=lambda pair: not pair[0].lead_id)
    return found[0] if found else (None, "")


def _same_company(row: Row, known: Known) -> Optional[Decision]:
    keys = [key for kind in COMPANY_KINDS for key in row.keys if key[0] == kind]
    leads = [(lead, key[0]) for key in keys for lead in known.find_leads(row, key)]
    for lead, kind in leads:
        if lead.open and not contradicts(row, lead):
            return _attach(row, lead.id, lead.partner_id, lead.owner_id, kind)
    partner, kind = _first_partner(row, known, keys)
    if partner:
        company = partner.company_partner_id or partner.id
        return Decision(CREATE, row.lead_id, company, partner.owner_id, kind, True)
    if leads:
        lead, kind = leads[0]
        return Decision(CREATE, row.lead_id, 0, lead.owner_id, kind, not lead.open, lead.id)
    return None


def contradicts(row: Row, lead: Lead) -> bool:
    """Whether the row is another person than the one the lead is about.

    >>> lead = Lead(1, True, contact="李雷", keys=frozenset([("phone", "+861"), ("email", "a@b.cn")]))
    >>> contradicts(Row(2, (("phone", "+862"),)), lead), contradicts(Row(2, (), contact="李 雷"), lead)
    (True, False)
    """
    mine, theirs = _by_kind(row.keys), _by_kind(lead.keys)
    if any(not mine[kind] & theirs[kind] for kind in mine.keys() & theirs.keys()):
        return True
    names = ["".join(name.split()).casefold() for name in (row.contact, lead.contact)]
    return bool(all(names) and names[0] != names[1])


def _by_kind(keys: Iterable[Key]) -> Mapping[str, set[str]]:
    values = defaultdict(set)
    for kind, value in keys:
        if kind in PERSON_KINDS:
            values[kind].add(value)
    return values


def _attach(row: Row, lead_id: int, partner_id: int, owner_id: int, kind: str) -> Decision:
    """Under the policy: part of the open lead, a lead of its own beside it, or nothing."""
    if row.policy == LINK:
        return Decision(CREATE, row.lead_id, partner_id, owner_id, kind, False, lead_id)
    return Decision(ATTACH if row.policy == ATTACH else REJECT, lead_id, partner_id, owner_id, kind, False, lead_id)
