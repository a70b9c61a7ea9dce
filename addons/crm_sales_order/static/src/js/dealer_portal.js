/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */
odoo.define("crm_sales_order.dealer_portal", function (require) {
    "use strict";

    const publicWidget = require("web.public.widget");

    /** What is sent once is sent once (the server sees to it, too), and a chosen month is shown at once. */
    publicWidget.registry.CrmDealerDesk = publicWidget.Widget.extend({
        selector: ".crm_dealer",
        events: {
            "submit .crm_dealer_once": "_onSubmit",
            "change .crm_dealer_submit": "_onChoose",
        },

        _onSubmit: function (ev) {
            const button = ev.currentTarget.querySelector("button:not([type=button])");
            if (button) {
                button.disabled = true;
            }
        },

        _onChoose: function (ev) {
            ev.currentTarget.form.submit();
        },
    });

    return publicWidget.registry.CrmDealerDesk;
});
