# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Is it right? What the run wrote, against the rules' conditions in plain SQL and the reps' limits."""


def expect(world, lead_ids):
    """Note which rule each lead belongs to: before the run, as a new team may change a lead's score."""
    whens = " ".join("WHEN %s THEN %d" % pair for pair in zip(world.get_conditions(), world.rules.ids))
    world.env.cr.execute(
        "DROP TABLE IF EXISTS bench_expected; CREATE TEMP TABLE bench_expected AS SELECT lead.id, CASE %s END AS rule_id"
        " FROM crm_lead AS lead WHERE lead.id = ANY('{%s}')" % (whens.replace("%%", "%"), ",".join(map(str, lead_ids)))
    )
    world.env.cr.commit()


def check(world):
    """Raise AssertionError unless every expected lead is with a rep of its first matching rule, within the limits.

    :returns: {"assigned", "waiting", "unmatched"}: numbers of leads
    """
    cr = world.env.cr
    cr.execute(
        "CREATE TEMP TABLE bench_checked ON COMMIT DROP AS SELECT lead.id, lead.user_id, expected.rule_id,"
        " given.rule_id AS assignment_rule_id FROM crm_lead AS lead JOIN bench_expected AS expected USING (id)"
        " LEFT JOIN crm_assignment AS given ON given.lead_id = lead.id AND given.state = 'waiting'"
    )
    expect_none(cr, "leads given by another than their first rule",
                "SELECT id, assignment_rule_id, rule_id FROM bench_checked"
                " WHERE user_id IS NOT NULL AND assignment_rule_id IS DISTINCT FROM rule_id")  # fmt: skip
    expect_none(cr, "leads given to somebody who is not in the rule",
                "SELECT id FROM bench_checked AS lead WHERE user_id IS NOT NULL AND NOT EXISTS (SELECT FROM crm_assignment_member"
                " AS member WHERE member.rule_id = lead.rule_id AND member.user_id = lead.user_id)")  # fmt: skip
    given = "SELECT count(*) FROM bench_checked AS lead WHERE lead.user_id = capacity.user_id"
    expect_none(cr, "reps above a limit, or away",
                "SELECT user_id FROM crm_assignment_capacity AS capacity WHERE away_until IS NOT NULL AND (" + given + ") > 0"
                " OR daily_limit > 0 AND (" + given + ") > daily_limit"
                " OR held_limit > 0 AND (SELECT count(*) FROM crm_lead AS lead JOIN crm_stage ON crm_stage.id = lead.stage_id"
                " WHERE lead.user_id = capacity.user_id AND lead.active AND NOT crm_stage.is_won) > held_limit")  # fmt: skip
    expect_none(cr, "leads left although a rep of their rule has room",
                "SELECT lead.id FROM bench_checked AS lead JOIN crm_assignment_rule AS rule ON rule.id = lead.rule_id"
                " JOIN crm_assignment_member AS member ON member.rule_id = rule.id"
                " JOIN crm_assignment_capacity AS capacity ON capacity.user_id = member.user_id"
                " WHERE lead.user_id IS NULL AND rule.strategy NOT IN ('territory', 'expertise') AND capacity.away_until IS NULL"
                " AND (" + given.replace("lead", "other") + ") < capacity.daily_limit AND capacity.held_limit = 0")  # fmt: skip
    cr.execute("SELECT count(*) FROM crm_assignment WHERE state = 'waiting' AND lead_id IN (SELECT id FROM bench_checked)")
    logged = cr.fetchone()[0]
    cr.execute("SELECT count(user_id), count(rule_id) - count(user_id), count(*) - count(rule_id) FROM bench_checked")
    assigned, waiting, unmatched = cr.fetchone()
    if logged != assigned:
        raise AssertionError("%d assignments are logged for %d leads" % (logged, assigned))
    cr.execute("SELECT count(*) FROM mail_activity WHERE res_model = 'crm.lead' AND res_id IN (SELECT id FROM bench_checked)")
    if cr.fetchone()[0] != assigned:
        raise AssertionError("not every lead has its first-response activity")
    return {"assigned": assigned, "waiting": waiting, "unmatched": unmatched}


def expect_none(cr, what, query):
    cr.execute(query + " LIMIT 3")
    rows = cr.fetchall()
    if rows:
        raise AssertionError("%s, such as %s" % (what, rows))
