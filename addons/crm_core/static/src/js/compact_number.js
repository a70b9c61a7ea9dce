/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.compact_number", function (require) {
    "use strict";

    const core = require("web.core");
    const utils = require("web.utils");
    const basicFields = require("web.basic_fields");
    const fieldRegistry = require("web.field_registry");
    const session = require("web.session");

    const WAN = 1e4;
    const YI = 1e8;

    function readsChinese() {
        const code = core._t.database.parameters.code || session.user_context.lang;
        return (code || "").startsWith("zh");
    }

    function rounded(number, decimals) {
        return Number(number.toFixed(decimals));
    }

    function grouped(number) {
        const [whole, decimals] = String(number).split(".");
        return utils.insert_thousand_seps(whole) + (decimals ? "." + decimals : "");
    }

    /**
     * A number the way a Chinese reader says it: 9800, 3.6万, 1230万, 1.23亿.
     *
     * @param {Number} value
     * @param {Number} [decimals=1] decimals kept for 万 below 100万; 亿 keeps one more
     * @returns {String}
     */
    function formatWan(value, decimals = 1) {
        const sign = value < 0 ? "-" : "";
        const size = Math.abs(value);
        if (Math.round(size) < WAN) {
            return sign + grouped(Math.round(size));
        }
        const wan = size / WAN;
        const shownWan = rounded(wan, wan < 100 ? decimals : 0);
        if (shownWan < WAN) {
            return sign + grouped(shownWan) + "万";
        }
        return sign + grouped(rounded(size / YI, decimals + 1)) + "亿";
    }

    // Kanban column totals, graphs and gauges all go through this one function.
    const humanNumber = utils.human_number;
    utils.human_number = function (number, decimals) {
        if (!readsChinese()) {
            return humanNumber.apply(utils, arguments);
        }
        return formatWan(number, Math.max(decimals || 0, 1));
    };

    /**
     * `widget="compact_cny"`: money short where it is read (the exact amount in the tooltip),
     * in full where it is typed. Falls back to the plain monetary field for other languages.
     */
    const CompactCny = basicFields.FieldMonetary.extend({
        className: "o_field_monetary o_field_number crm_money",

        _renderReadonly: function () {
            this._super.apply(this, arguments);
            if (!readsChinese() || !this.isSet()) {
                return;
            }
            const exact = this.$el.text();
            const currency = this.currency;
            let text = formatWan(this.value);
            if (currency) {
                text =
                    currency.position === "after"
                        ? `${text} ${currency.symbol}`
                        : `${currency.symbol} ${text}`;
            }
            this.$el.text(text).attr("title", exact);
        },
    });

    fieldRegistry.add("compact_cny", CompactCny);

    return {formatWan, CompactCny};
});
