# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from crm_core_engine.resolve import ATTACH, CREATE, LINK, REJECT, Known, Lead, Partner, Row, contradicts, decide, decide_all
from hypothesis import given
from hypothesis import strategies as st

PHONE, OTHER, EMAIL, NAME = ("phone", "+8613800138000"), ("phone", "+8613800138001"), ("email", "a@b.cn"), ("company", "华强电子")


def known(*records):
    index = Known()
    for record, *keys in records:
        if isinstance(record, Lead):
            index.leads[record.id] = record
        else:
            index.partners[record.id] = record
        for key in keys:
            (index.leads_by_key if isinstance(record, Lead) else index.partners_by_key)[key].append(record.id)
    return index


def test_the_phone_is_trusted_more_than_the_email():
    index = known((Lead(1, True), EMAIL), (Lead(2, True), PHONE))
    assert decide(Row(9, (EMAIL, PHONE)), index).lead_id == 2


def test_an_open_lead_is_taken_before_a_closed_one_and_a_customer():
    index = known((Lead(1, False), PHONE), (Partner(5, owner_id=7), PHONE), (Lead(3, True, owner_id=8), EMAIL))
    assert decide(Row(9, (PHONE, EMAIL)), index).lead_id == 3


def test_the_policy_decides_what_becomes_of_a_known_person():
    index = known((Lead(1, True), PHONE))
    actions = {policy: decide(Row(9, (PHONE,), policy=policy), index).action for policy in (ATTACH, LINK, REJECT)}
    assert actions == {ATTACH: ATTACH, LINK: CREATE, REJECT: REJECT}


def test_who_lost_interest_once_may_come_back_under_every_policy():
    index = known((Lead(1, False, partner_id=4, owner_id=7), PHONE))
    for policy in (ATTACH, LINK, REJECT):
        decision = decide(Row(9, (PHONE,), policy=policy), index)
        assert (decision.action, decision.lead_id, decision.partner_id, decision.owner_id) == (CREATE, 9, 4, 7)
        assert decision.closed


def test_a_colleague_is_nobodys_duplicate():
    index = known((Lead(1, True, owner_id=7, keys=frozenset([PHONE])), PHONE, NAME))
    for policy in (ATTACH, LINK, REJECT):
        decision = decide(Row(9, (OTHER, NAME), policy=policy), index)
        assert (decision.action, decision.lead_id, decision.owner_id) == (CREATE, 9, 7)


def test_another_companys_lead_counts_where_the_row_says_so():
    index = known((Lead(1, True, company=2), PHONE))
    assert decide(Row(9, (PHONE,), company=1), index).action == CREATE
    assert decide(Row(9, (PHONE,), company=1, all_companies=True), index).lead_id == 1


def test_names_contradict_keys_of_different_kinds_do_not():
    lead = Lead(1, True, contact="李雷", keys=frozenset([PHONE]))
    assert not contradicts(Row(2, (EMAIL,)), lead)
    assert contradicts(Row(2, (EMAIL,), contact="韩梅梅"), lead)


PERSONS = st.lists(st.lists(st.sampled_from([("phone", "1"), ("phone", "2"), ("email", "a"), ("email", "b"), ("wechat", "w")]), max_size=3))


@given(PERSONS)
def test_no_two_leads_of_a_batch_share_a_persons_key(people):
    """Each person one lead: whoever shares a key with an earlier row joins a lead, and never makes one."""
    rows = [Row(number + 1, tuple(dict.fromkeys(keys))) for number, keys in enumerate(people)]
    created = [row for row, decision in zip(rows, decide_all(rows, Known())) if decision.action == CREATE]
    keys = [key for row in created for key in row.keys]
    assert len(keys) == len(set(keys))


@given(PERSONS)
def test_joining_leads_only_to_leads_that_were_made(people):
    rows = [Row(number + 1, tuple(keys)) for number, keys in enumerate(people)]
    decisions = decide_all(rows, Known())
    made = {decision.lead_id for decision in decisions if decision.action == CREATE}
    assert all(decision.lead_id in made for decision in decisions)
