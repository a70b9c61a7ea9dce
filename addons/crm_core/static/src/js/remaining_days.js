/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.remaining_days", function (require) {
    "use strict";

    const core = require("web.core");
    const {RemainingDays} = require("web.basic_fields");

    const _t = core._t;

    /** Odoo looks up “In 19 days” as a term of its own, number and all, so no language has it. */
    RemainingDays.include({
        _render: function () {
            this._super(...arguments);
            const days = /^(In )?(\d+) days( ago)?$/.exec(this.$el.text());
            if (days) {
                this.$el.text(_.str.sprintf(days[1] ? _t("In %s days") : _t("%s days ago"), days[2]));
            }
        },
    });
});
