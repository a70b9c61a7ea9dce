# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from datetime import datetime, time, timedelta
from random import Random

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from psycopg2 import sql

_logger = logging.getLogger(__name__)

HISTORY_DAYS = 510  # so that this year has a last year to be compared with
TIMEZONE = pytz.timezone("Asia/Shanghai")


class CrmDemo(models.AbstractModel):
    """Tells the demo company's story: every addon adds its own chapter.

    A chapter is a private method named `_tell_*`, called by a <function> in the addon's demo files. It takes each business
    step through the same public methods a user's click would (confirm, deliver, invoice, reconcile) and only then moves the
    documents' dates to the day the step is said to have happened: `today` is the day of loading, the rest follows from a seed.
    """

    _name = "crm.demo"
    _description = "Demo company"

    # -- the stage -----------------------------------------------------------------------------------------------------

    @api.model
    def _set_up_company(self):
        """Make the main company the demo's equipment trader and Chinese its language."""
        self._activate_chinese()
        china, cny = self.env.ref("base.cn"), self.env.ref("base.CNY")
        cny.active = True
        company = self.env.ref("base.main_company")
        company.write(
            {
                "name": "深圳市恒拓机电设备有限公司",
                "street": "宝安区福海街道和平路188号恒拓大厦6层",
                "street2": False,
                "city": "深圳市",
                "state_id": self.env.ref("base.state_cn_GD").id,
                "zip": "518103",
                "country_id": china.id,
                "phone": "0755-1888 6000",
                "email": "info@hengtuo.example",
                "website": "https://www.hengtuo.example",
                "vat": "91440306MA5HT8866C",
            }
        )
        company.partner_id.write({"lang": "zh_CN", "tz": TIMEZONE.zone})
        if company.currency_id != cny:
            try:
                with self.env.cr.savepoint():
                    company.currency_id = cny
            except UserError:  # Odoo's own demo data may have booked entries before us
                _logger.info("The main company has journal entries: it keeps its currency")
        admin = self.env.ref("base.user_admin")
        admin.write({"lang": "zh_CN", "tz": TIMEZONE.zone, "notification_type": "inbox"})

    @api.model
    def _activate_chinese(self):
        chinese = self.env["res.lang"].with_context(active_test=False).search([("code", "=", "zh_CN")])
        if not chinese.active:
            self.env["base.language.install"].create({"lang": "zh_CN", "overwrite": False}).lang_install()
        chinese.write({"date_format": "%Y-%m-%d", "time_format": "%H:%M:%S"})

    # -- the tools of every chapter ------------------------------------------------------------------------------------

    @api.model
    def _quiet(self):
        """This model without tracking, mail and follower subscriptions: what bulk work in Odoo needs to be quick."""
        return self.with_context(
            tracking_disable=True,
            mail_create_nolog=True,
            mail_create_nosubscribe=True,
            mail_auto_subscribe_no_notify=True,
            mail_activity_quick_update=True,
            mail_notify_force_send=False,
        )

    @api.model
    def _random(self, chapter):
        """The same dice for the same chapter at every load."""
        return Random(f"恒拓/{chapter}")

    @api.model
    def _today(self):
        """Today where the company is, not where the server is."""
        return fields.Date.context_today(self.with_context(tz=TIMEZONE.zone))

    @api.model
    def _opening_day(self):
        """The day before the story begins: what was there was there by then."""
        return self._today() - timedelta(days=HISTORY_DAYS + 1)

    @api.model
    def _at(self, day, hour):
        """The naive UTC datetime of an hour (14.5 = 14:30) on a local day."""
        local = datetime.combine(day, time()) + timedelta(hours=hour)
        return TIMEZONE.localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _workday(self, day):
        """The day itself, or the Friday before a weekend."""
        return day - timedelta(days=max(0, day.weekday() - 4))

    @api.model
    def _backdate(self, records, **columns):
        """Write stored columns behind the ORM's back: {column: one value per record, None leaves it}.

        One UPDATE for all; computed fields that follow from the columns are recomputed.
        """
        if not records:
            return
        records.flush()
        types = [records._fields[name].column_type[1] for name in columns]
        names = [sql.Identifier(name) for name in columns]
        table = sql.Identifier(records._table)
        query = sql.SQL("UPDATE {table} SET {changes} FROM unnest(%s, {arrays}) AS new (id, {names}) WHERE {id} = new.id")
        self.env.cr.execute(
            query.format(
                table=table,
                changes=sql.SQL(", ").join(sql.SQL("{0} = COALESCE(new.{0}, {1}.{0})").format(name, table) for name in names),
                arrays=sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(kind)) for kind in types),
                names=sql.SQL(", ").join(names),
                id=sql.Identifier(records._table, "id"),
            ),
            [records.ids, *(list(values) for values in columns.values())],
        )
        records.invalidate_cache()
        records.modified(columns)
        records.recompute()

    @api.model
    def _post_notes(self, notes):
        """Notes in the chatter, one batch: [(record, author user, datetime, text)]."""
        subtype = self.env.ref("mail.mt_note")
        return self.env["mail.message"].create(
            [
                {
                    "model": record._name,
                    "res_id": record.id,
                    "author_id": user.partner_id.id,
                    "email_from": user.email_formatted,
                    "date": moment,
                    "body": f"<p>{text}</p>",
                    "message_type": "comment",
                    "subtype_id": subtype.id,
                }
                for record, user, moment, text in notes
            ]
        )
