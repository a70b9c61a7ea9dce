/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.org_chart", function (require) {
    "use strict";

    const AbstractField = require("web.AbstractField");
    const {_lt, qweb} = require("web.core");
    const fieldRegistry = require("web.field_registry");

    const ROLES = {
        decision: _lt("Decision Maker"),
        influencer: _lt("Influencer"),
        user: _lt("End User"),
        finance: _lt("Finance"),
    };
    const ATTITUDES = {
        supporter: _lt("For us"),
        neutral: _lt("Neutral"),
        opponent: _lt("Against us"),
    };

    /**
     * `widget="crm_org_chart"`: the people of a customer, each under whom they report to (JSON of
     * res.partner.org_chart). Beside each other on a desktop, one under the other on a phone. A click opens the contact.
     */
    const OrgChart = AbstractField.extend({
        className: "crm_org_chart",
        supportedFieldTypes: ["text"],
        events: {
            "click .crm_org_card": "_onCardClick",
        },

        isSet: function () {
            return true;
        },

        _render: function () {
            const people = this.value ? JSON.parse(this.value) : [];
            this.$el.html(qweb.render("crm_core.OrgChart", {people, roles: ROLES, attitudes: ATTITUDES}));
        },

        _onCardClick: function (event) {
            event.preventDefault();
            event.stopPropagation();
            this.do_action({
                type: "ir.actions.act_window",
                res_model: "res.partner",
                res_id: Number(event.currentTarget.dataset.id),
                views: [[false, "form"]],
            });
        },
    });

    fieldRegistry.add("crm_org_chart", OrgChart);

    return OrgChart;
});
