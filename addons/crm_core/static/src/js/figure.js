/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.figure", function (require) {
    "use strict";

    // Loaded first: it makes human_number speak 万 and 亿 where the reader does.
    require("crm_core.compact_number");
    const core = require("web.core");
    const fieldUtils = require("web.field_utils");
    const utils = require("web.utils");

    const _t = core._t;
    const NO_FIGURE = "–";
    const SHORT_FROM = 10000;

    function withSymbol(text, currency) {
        return currency.position === "after" ? `${text} ${currency.symbol}` : `${currency.symbol} ${text}`;
    }

    function exactNumber(value, decimals) {
        return fieldUtils.format.float(value, null, {digits: [16, decimals]});
    }

    /**
     * The figure in full: ¥ 10,005,534.00, 63.2 %, 12 days.
     */
    function exact(value, unit, currency) {
        if (value === false) {
            return NO_FIGURE;
        }
        switch (unit) {
            case "money":
                return withSymbol(exactNumber(value, currency.decimals), currency);
            case "percent":
                return `${exactNumber(value * 100, 1)}%`;
            case "days":
                return _.str.sprintf(_t("%s days"), exactNumber(value, 1));
            default:
                return exactNumber(value, 0);
        }
    }

    /**
     * The figure short enough for a card or an axis: ¥ 1,001万, ¥ 10M, 63.2 %.
     */
    function short(value, unit, currency) {
        if (value === false || unit === "percent" || unit === "days" || Math.abs(value) < SHORT_FROM) {
            return exact(value, unit, Object.assign({}, currency, {decimals: 0}));
        }
        // Its own separators would also go into the decimals (42,1.4k); a number made short needs none.
        const text = utils.human_number(value, 1, 1, (number) => number);
        return unit === "money" ? withSymbol(text, currency) : text;
    }

    /**
     * Growth: +12.5 %, of a percentage in points: −3.0 pp.
     */
    function change(value, unit) {
        const sign = value > 0 ? "+" : value < 0 ? "−" : "±";
        if (unit !== "percent" && Math.abs(value) >= 10) {
            return `> ${sign}999%`;
        }
        const number = exactNumber(Math.abs(value) * 100, 1);
        return unit === "percent" ? _.str.sprintf(_t("%s pp"), sign + number) : `${sign}${number}%`;
    }

    /**
     * @param {String} key 2026-03
     * @returns {String} Mar 2026
     */
    function month(key) {
        return moment(`${key}-01`).format(_t("MMM YYYY"));
    }

    return {exact, short, change, month, SHORT_FROM};
});
