/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_sales_order.month_end", function (require) {
    "use strict";

    const AbstractAction = require("web.AbstractAction");
    const core = require("web.core");
    const figure = require("crm_core.figure");

    const _t = core._t;
    const MODEL = "crm.month.end";

    const MonthEnd = AbstractAction.extend({
        template: "crm_sales_order.MonthEnd",
        events: {
            "change .o_crm_month_end_date": "_onDate",
            "click [data-day]": "_onDay",
            "click [data-export]": "_onExport",
            "click [data-row]": "_onOpen",
        },

        init: function () {
            this._super.apply(this, arguments);
            this.title = this.getTitle();
        },

        willStart: function () {
            return Promise.all([this._super.apply(this, arguments), this._load()]);
        },

        start: async function () {
            await this._super.apply(this, arguments);
            this._renderContent();
        },

        /**
         * Coming back from a list, the figures may have changed.
         */
        on_attach_callback: async function () {
            this._super.apply(this, arguments);
            if (this.wasLeft) {
                this.wasLeft = false;
                await this._show(this.data.date);
            }
        },

        on_detach_callback: function () {
            this.wasLeft = true;
            this._super.apply(this, arguments);
        },

        // ---------------------------------------------------------------- data

        _load: async function (date) {
            this.data = await this._rpc({model: MODEL, method: "get_page", args: [date || false]});
        },

        _show: async function (date) {
            await this._load(date);
            if (!this.isDestroyed()) {
                this._renderContent();
            }
        },

        // ---------------------------------------------------------------- what is shown

        _renderContent: function () {
            this.$(".o_crm_month_end_content").html(core.qweb.render("crm_sales_order.MonthEnd.Content", {widget: this}));
        },

        money: function (amount) {
            return figure.exact(amount, "money", this.data.currency);
        },

        number: function (count) {
            return figure.exact(count, "count", this.data.currency);
        },

        getDayLabel: function (day) {
            return day === this.data.today ? _t("Today") : moment(day).format("YYYY-MM-DD");
        },

        /**
         * How wide the bar below a row is: its part of the largest of the section.
         */
        width: function (section, row) {
            const amounts = section.rows.filter((other) => !other.apart).map((other) => Math.abs(other.amount));
            const largest = Math.max(...amounts);
            return largest ? `${(Math.abs(row.amount) / largest) * 100}%` : "0";
        },

        // ---------------------------------------------------------------- what the reader does

        _onDate: function (ev) {
            return ev.currentTarget.value && this._show(ev.currentTarget.value);
        },

        _onDay: function (ev) {
            return this._show(ev.currentTarget.dataset.day);
        },

        _onOpen: function (ev) {
            const {section, row} = ev.currentTarget.dataset;
            const rows = this.data.sections[section].rows;
            const {action} = row === "total" ? this.data.sections[section].total : rows[row];
            return action && this.do_action(action);
        },

        _onExport: async function (ev) {
            const method = ev.currentTarget.dataset.export;
            const id = await this._rpc({model: MODEL, method: "create", args: [{date: this.data.date}]});
            return this.do_action(await this._rpc({model: MODEL, method, args: [[id]]}));
        },
    });

    core.action_registry.add("crm_month_end", MonthEnd);

    return MonthEnd;
});
