/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.card_numbers", function (require) {
    "use strict";

    const {_t, qweb} = require("web.core");
    const fieldUtils = require("web.field_utils");
    const session = require("web.session");
    const utils = require("web.utils");
    const Widget = require("web.Widget");
    const widgetRegistry = require("web.widget_registry");

    /**
     * `<widget name="crm_card_numbers"/>` on a customer's form: the numbers its reader may see; each opens what it counts.
     */
    const CardNumbers = Widget.extend({
        className: "crm_card_numbers",
        events: {
            "click .crm_number_opens": "_onOpen",
        },

        init: function (parent, record) {
            this._super.apply(this, arguments);
            this.resId = record.res_id;
            this.isCustomer = record.data.is_customer;
            this.numbers = [];
        },

        start: function () {
            if (this.resId && this.isCustomer) {
                this._load(); // the form does not wait for it
            }
            return this._super.apply(this, arguments);
        },

        _load: async function () {
            const numbers = await this._rpc(
                {model: "res.partner", method: "get_card_numbers", args: [[this.resId]]},
                {shadow: true}
            );
            if (!this.isDestroyed()) {
                this.numbers = numbers;
                const shown = numbers.map((number) => Object.assign({}, number, this._format(number)));
                this.$el.html(qweb.render("crm_core.CardNumbers", {numbers: shown}));
            }
        },

        /**
         * @param {Object} number as the server says it
         * @returns {Object} what is shown, and the exact value where that is rounded
         */
        _format: function (number) {
            if (number.unit === "money") {
                const options = {currency_id: number.currency_id, forceString: true};
                const exact = fieldUtils.format.monetary(number.value, null, options);
                const currency = session.get_currency(number.currency_id);
                if (!currency || Math.abs(number.value) < 1000) {
                    return {shown: exact};
                }
                const short = utils.human_number(number.value, 1);
                const parts = currency.position === "after" ? [short, currency.symbol] : [currency.symbol, short];
                return {shown: parts.join(" "), exact};
            }
            if (number.unit === "count") {
                return {shown: number.value.toLocaleString()};
            }
            return {shown: number.unit === "days" ? utils.sprintf(_t("%s days"), number.value) : number.value};
        },

        _onOpen: async function (event) {
            const number = this.numbers.find((each) => each.key === event.currentTarget.dataset.key);
            const action = await this._rpc({route: "/web/action/load", params: {action_id: number.action}});
            const own = number.domain ? {domain: number.domain, context: {}} : {};
            this.do_action(Object.assign(action, own));
        },
    });

    widgetRegistry.add("crm_card_numbers", CardNumbers);

    return CardNumbers;
});
