# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What one would write on plain Odoo 14, which has no assignment rules: a loop, a search per rule and a write per lead."""

from ast import literal_eval


class PlainAssignment:
    """The same rules where plain Odoo has their fields; of the rule's reps the one with the fewest open leads."""

    def __init__(self, world):
        self.world, self.env = world, world.env
        known = set(self.env["crm.lead"]._fields)
        self.rules = [
            (domain, users)
            for domain, users in zip(map(literal_eval, world.get_domains()), world.members)
            if all(isinstance(leaf, str) or leaf[0].split(".")[0] in known for leaf in domain)
        ]

    def run(self, lead_ids):
        leads = self.env["crm.lead"]
        for lead in leads.browse(lead_ids):
            for domain, users in self.rules:
                if leads.search_count([("id", "=", lead.id), *domain]):
                    held = {user_id: 0 for user_id in users}
                    for row in leads.read_group([("user_id", "in", users), ("probability", "<", 100)], ["user_id"], ["user_id"]):
                        held[row["user_id"][0]] = row["user_id_count"]
                    lead.write({"user_id": min(held, key=held.get)})
                    break
        self.env["base"].flush()
