/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_sales_order.price_explanation", function (require) {
    "use strict";

    const AbstractField = require("web.AbstractField");
    const core = require("web.core");
    const fieldRegistry = require("web.field_registry");
    const fieldUtils = require("web.field_utils");
    const session = require("web.session");

    const _t = core._t;
    const NOTHING = 0.005; // less than half a cent

    /**
     * `widget="crm_price_explanation"`: why an order line costs what it costs. In a list an icon that opens the story,
     * in a form the story itself. The value is what `sale.order.line._explain_price` says, as JSON.
     */
    const PriceExplanation = AbstractField.extend({
        className: "crm_price_explanation",
        supportedFieldTypes: ["text"],
        events: {
            "click .crm_price_icon": "_onIcon",
            "keydown .crm_price_icon": "_onKey",
        },

        isSet: () => true,

        /** Problem, price set by hand, line that came along, rules: what the reader has to know first. */
        _getIcon: function (story) {
            if (story.problems.length) {
                return {icon: "fa-exclamation-triangle", look: "text-danger", title: _t("A price rule could not be computed")};
            }
            if (story.pinned) {
                return {icon: "fa-hand-paper-o", look: "text-warning", title: _t("Price set by hand")};
            }
            if (story.role) {
                return {icon: "fa-level-up fa-rotate-90", look: "text-muted", title: story.role};
            }
            return {icon: "fa-tags", look: "text-info", title: _t("Why this price?")};
        },

        /** The story as HTML, its amounts in the order's currency as the reader writes them. */
        _tell: function (story) {
            const currency = session.get_currency(story.currency);
            const money = (amount) =>
                fieldUtils.format.monetary(amount, null, {currency: currency, digits: [16, 2]}).replace(/&nbsp;/g, "\u00a0");
            const change = (amount) => (Math.abs(amount) < NOTHING ? "" : `${amount > 0 ? "+" : "−"} ${money(Math.abs(amount))}`);
            return core.qweb.render("crm_sales_order.PriceStory", {story: story, to_money: money, to_change: change});
        },

        _render: function () {
            const story = this.value && JSON.parse(this.value);
            this.$el.empty();
            if (!story) {
                return;
            }
            const html = this._tell(story);
            if (this.viewType === "form") {
                this.$el.html(html);
                return;
            }
            const icon = this._getIcon(story);
            this.$el.html(core.qweb.render("crm_sales_order.PriceIcon", icon));
            this.$(".crm_price_icon").popover({
                html: true,
                sanitize: false,
                content: html,
                title: icon.title,
                placement: "left",
                trigger: "focus",
                delay: {show: 0, hide: 100},
                customClass: "crm_price_popover",
            });
        },

        /** The row's own click would open or edit it. */
        _onIcon: function (event) {
            event.stopPropagation();
            event.preventDefault();
            event.target.special_click = true;
            $(event.currentTarget).focus();
        },

        _onKey: function (event) {
            if (event.which === $.ui.keyCode.ENTER || event.which === $.ui.keyCode.SPACE) {
                event.stopPropagation();
                event.preventDefault();
                $(event.currentTarget).popover("toggle");
            }
        },

        destroy: function () {
            this.$(".crm_price_icon").popover("dispose");
            this._super.apply(this, arguments);
        },
    });

    fieldRegistry.add("crm_price_explanation", PriceExplanation);

    return PriceExplanation;
});
