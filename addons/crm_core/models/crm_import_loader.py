# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re

from odoo import _, api, models

from ..engine.migration import normalise

#: No mail, no followers, no tracking, no message per record: one note on the import says it all.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
    "crm_import_bulk": True,
}


class CrmImportLoader(models.AbstractModel):
    """Writes an import's plan: what is here already stays as it is, what is missing is created in lists.

    Records are known again by external reference (opportunities) or folded name; a second run finds them all.
    Extend by overriding the ``_prepare_*`` of a kind.
    """

    _name = "crm.import.loader"
    _description = "Import Writer"

    @api.model
    def _load(self, plan, tick):
        """Write ``plan``. Returns kind → {"created": n, "known": n}."""
        loader = self.with_context(**QUIET)
        counts = {}
        keys = {}
        keys["account"], counts["account"] = loader._load_accounts(plan)
        keys["product"], counts["product"] = loader._load_products(plan)
        keys["rep"], counts["rep"] = loader._load_reps(plan)
        counts["team"] = loader._load_teams(plan, keys["rep"])
        counts["deal"] = loader.env["crm.import.deal.loader"]._load_deals(plan, keys, tick)
        return counts

    @api.model
    def _create_missing(self, model, records, keys, prepare):
        """Create the ``records`` whose key is not in ``keys``, and add them to it."""
        missing = [record for record in records if record.key not in keys]
        created = self.env[model].create([prepare(record) for record in missing])
        keys.update(zip((record.key for record in missing), created.ids))
        return {"created": len(missing), "known": len(records) - len(missing)}

    # -- accounts ----------------------------------------------------------------------------------------------------

    @api.model
    def _get_accounts(self):
        """(id, name, reference) of every company an account may be: one query, whatever their number."""
        self.env["res.partner"].flush(["name", "ref", "is_company", "company_id"])
        self.env.cr.execute(
            """
            SELECT id, name, ref FROM res_partner
             WHERE is_company AND name IS NOT NULL AND (company_id IS NULL OR company_id = %s)
               AND id NOT IN (SELECT partner_id FROM res_company)
             ORDER BY active, id DESC
            """,
            [self.env.company.id],
        )
        return self.env.cr.fetchall()

    @api.model
    def _load_accounts(self, plan):
        known = self._get_accounts()  # the last one wins: active ones, and of those the oldest
        keys = {normalise(name): partner_id for partner_id, name, _ref in known}
        references = {ref: partner_id for partner_id, _name, ref in known if ref}
        keys.update((account.key, references[account.ref]) for account in plan.accounts if account.ref in references)
        new = {account.key for account in plan.accounts} - keys.keys()
        industries = self._get_industries(plan.accounts)
        countries = {country.code: country.id for country in self.env["res.country"].search([])}
        counts = self._create_missing(
            "res.partner", plan.accounts, keys, lambda account: self._prepare_account(account, industries, countries)
        )
        self._link_subsidiaries([account for account in plan.accounts if account.key in new], keys)
        return keys, counts

    @api.model
    def _prepare_account(self, account, industries, countries):
        """Values of the company made for ``account`` (an engine Account)."""
        return {
            "name": account.name,
            "is_company": True,
            "is_customer": True,
            "ref": account.ref or False,
            "industry_id": industries.get(normalise(account.industry), False),
            "country_id": countries.get(account.country, False),
            "annual_revenue": account.revenue,
            "employee_count": account.employees,
            "year_established": account.established,
            "phone": account.phone or False,
            "email": account.email or False,
            "website": account.website or False,
            "city": account.city or False,
            "street": account.street or False,
        }

    @api.model
    def _link_subsidiaries(self, accounts, keys):
        """One write per parent."""
        children = {}
        for account in accounts:
            if account.parent in keys:
                children.setdefault(keys[account.parent], []).append(keys[account.key])
        for parent, ids in children.items():
            self.env["res.partner"].browse(ids).write({"group_parent_id": parent})

    @api.model
    def _get_industries(self, accounts):
        """Folded name → id, those still missing made first."""
        industry_model = self.env["res.partner.industry"].with_context(active_test=False)
        known = {normalise(industry.name): industry.id for industry in industry_model.search([])}
        missing = {}
        for account in accounts:
            if account.industry and normalise(account.industry) not in known:
                name = account.industry
                missing.setdefault(normalise(name), name if not name.islower() else name.title())
        created = industry_model.create([{"name": name} for name in missing.values()])
        known.update(zip(missing, created.ids))
        return known

    # -- products ----------------------------------------------------------------------------------------------------

    @api.model
    def _get_products(self):
        """(id, name, code, list price) of every product."""
        products = self.env["product.product"].with_context(active_test=False).search(
            [("company_id", "in", [False, self.env.company.id])], order="active, id desc"
        )
        return [(product.id, product.name, product.default_code, product.list_price) for product in products]

    @api.model
    def _load_products(self, plan):
        known = self._get_products()
        keys = {normalise(name): product_id for product_id, name, _code, _price in known}
        codes = {code: product_id for product_id, _name, code, _price in known if code}
        keys.update((product.key, codes[product.code]) for product in plan.products if product.code in codes)
        new = [product for product in plan.products if product.key not in keys]
        categories = self._get_categories(new)
        counts = self._create_missing(
            "product.product", plan.products, keys, lambda product: self._prepare_product(product, categories)
        )
        return keys, counts

    @api.model
    def _prepare_product(self, product, categories):
        """Values of the product made for ``product`` (an engine Product). Override to make it storable."""
        vals = {
            "name": product.name,
            "type": "consu",
            "list_price": product.price,
            "default_code": product.code or False,
        }
        if product.category:
            vals["categ_id"] = categories[normalise(product.category)]
        return vals

    @api.model
    def _get_categories(self, products):
        """Folded name → id of the product categories, those still missing made first."""
        category_model = self.env["product.category"]
        known = {normalise(category.name): category.id for category in category_model.search([], order="id desc")}
        missing = {normalise(product.category): product.category for product in products if product.category}
        missing = {key: name for key, name in missing.items() if key not in known}
        parent = self.env.ref("product.product_category_all", raise_if_not_found=False)
        created = category_model.create(
            [{"name": name, "parent_id": parent.id if parent else False} for name in missing.values()]
        )
        known.update(zip(missing, created.ids))
        return known

    # -- people ------------------------------------------------------------------------------------------------------

    @api.model
    def _get_users(self):
        """Every internal user of the company, archived ones too, but for the system's own."""
        return self.env["res.users"].with_context(active_test=False).search(
            [
                ("share", "=", False),
                ("id", "!=", self.env.ref("base.user_root").id),
                ("company_ids", "in", self.env.company.ids),
            ],
            order="active, id desc",
        )

    @api.model
    def _load_reps(self, plan):
        """Users for reps and their managers, who cannot log in until somebody invites them."""
        users = self._get_users()
        keys = {normalise(user.name): user.id for user in users}
        logins = {user.login.lower(): user.id for user in users}
        keys.update((rep.key, logins[rep.email.lower()]) for rep in plan.reps if rep.email.lower() in logins)
        kept = [rep for rep in plan.reps if rep.key in keys]
        people = {}
        leaders = {normalise(rep.manager): rep.manager for rep in plan.reps if rep.manager}
        for rep in plan.reps:
            people[rep.key] = (rep.name, rep.email)
        for key, name in leaders.items():
            people.setdefault(key, (name, ""))
        missing = {key: person for key, person in people.items() if key not in keys}
        taken = set(self.env["res.users"].with_context(active_test=False).search([]).mapped("login"))
        created = self.env["res.users"].create(
            [self._prepare_user(name, email, key in leaders, taken) for key, (name, email) in missing.items()]
        )
        keys.update(zip(missing, created.ids))
        self._report_kept(plan, kept, keys)
        new = sum(rep.key in missing for rep in plan.reps)
        return keys, {"created": new, "known": len(plan.reps) - new}

    @api.model
    def _prepare_user(self, name, email, is_leader, taken):
        """Values of a user without a password; ``taken`` holds the logins in use and gets the new one."""
        login = email or re.sub(r"[^\w]+", ".", name.strip().lower()).strip(".")
        number, unique = 1, login
        while unique in taken:
            number += 1
            unique = "%s%d" % (login, number)
        taken.add(unique)
        role = self.env.ref("crm_core.group_team_leader" if is_leader else "crm_core.group_sales_rep")
        groups = self.env.ref("base.group_user") | role
        return {
            "name": name,
            "login": unique,
            "email": email or False,
            "groups_id": [(6, 0, groups.ids)],
            "company_id": self.env.company.id,
            "company_ids": [(6, 0, self.env.company.ids)],
            "notification_type": "inbox",
            "tz": self.env.user.tz,
        }

    @api.model
    def _report_kept(self, plan, reps, keys):
        """People who are users already keep their rights and team: an import must not widen anyone's rights."""
        role = self.env.ref("crm_core.group_sales_rep")
        for rep in reps:
            user = self.env["res.users"].browse(keys[rep.key])
            if role not in user.groups_id:
                plan.log.add("user_kept", rep.source.file, rep.source.line, "", rep.name)

    # -- teams -------------------------------------------------------------------------------------------------------

    @api.model
    def _load_teams(self, plan, users):
        """Regions become parent teams, each manager's people (or each team named) a team below."""
        regions = {}
        teams = {}
        created = known = 0
        for rep in plan.reps:
            if rep.region and normalise(rep.region) not in regions:
                regions[normalise(rep.region)], is_new = self._get_team(rep.region, False, False)
                created, known = created + is_new, known + (not is_new)
            parent = regions.get(normalise(rep.region), self.env["crm.team"])
            key = (parent.id, normalise(rep.team or rep.manager))
            if not key[1]:
                teams[key] = parent
            elif key not in teams:
                name = rep.team or _("Team %s", rep.manager)
                teams[key], is_new = self._get_team(name, users.get(normalise(rep.manager), False), parent.id)
                created, known = created + is_new, known + (not is_new)
        self._assign_teams(plan.reps, users, regions, teams)
        return {"created": created, "known": known}

    @api.model
    def _get_team(self, name, leader_id, parent_id):
        """(the team, whether it is new)."""
        domain = [("company_id", "in", [False, self.env.company.id]), ("parent_id", "=", parent_id)]
        same = self.env["crm.team"].search(domain + ([("user_id", "=", leader_id)] if leader_id else [("name", "=", name)]))
        if same:
            return same[0], False
        team = self.env["crm.team"].create(
            {"name": name, "user_id": leader_id, "parent_id": parent_id, "company_id": self.env.company.id}
        )
        return team, True

    @api.model
    def _assign_teams(self, reps, users, regions, teams):
        """Members of each team at once; who has a team keeps it."""
        members = {}
        for rep in reps:
            parent = regions.get(normalise(rep.region), self.env["crm.team"])
            team = teams[parent.id, normalise(rep.team or rep.manager)]
            if team:
                members.setdefault(team, self.env["res.users"])
                members[team] |= self.env["res.users"].browse(users[rep.key])
        for team, people in members.items():
            people.filtered(lambda user: not user.sale_team_id).write({"sale_team_id": team.id})
