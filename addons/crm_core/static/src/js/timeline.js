/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.timeline", function (require) {
    "use strict";

    const {_t, qweb} = require("web.core");
    const fieldUtils = require("web.field_utils");
    const session = require("web.session");
    const Widget = require("web.Widget");
    const widgetRegistry = require("web.widget_registry");

    const LIMIT = 20;

    /**
     * `<widget name="crm_timeline"/>` on a form: everything that happened with this customer or lead, newest first,
     * by day. One call to the server per page; each entry opens its record.
     */
    const Timeline = Widget.extend({
        template: "crm_core.Timeline",
        events: {
            "click .crm_timeline_filter": "_onFilter",
            "click .crm_timeline_all": "_onAll",
            "click .crm_timeline_more": "_onMore",
            "click .crm_timeline_opens": "_onOpen",
            "keydown .crm_timeline_opens": "_onKey",
        },

        init: function (parent, record) {
            this._super.apply(this, arguments);
            this.resModel = record.model;
            this.resId = record.res_id;
            this.group = "all";
            this.kinds = [];
            this.entries = {};
        },

        start: function () {
            if (this.resId) {
                this._restart(); // the form does not wait for it
            }
            return this._super.apply(this, arguments);
        },

        // ---------------------------------------------------------------- data

        _restart: function () {
            this.next = false;
            this.entries = {};
            this.$(".crm_timeline_days").empty();
            return this._load();
        },

        /**
         * Fetch one page and show it; an answer that comes after another filter was chosen is dropped.
         *
         * @returns {Promise}
         */
        _load: async function () {
            const group = this.group;
            this.$(".crm_timeline_foot").addClass("crm_timeline_loading").empty();
            try {
                const page = await this._rpc(
                    {
                        model: "crm.timeline",
                        method: "get_page",
                        args: [this.resModel, this.resId],
                        kwargs: {kinds: this._wantedKinds(), before: this.next, limit: LIMIT},
                    },
                    {shadow: true}
                );
                if (!this.isDestroyed() && group === this.group) {
                    this._show(page);
                }
            } catch (error) {
                if (error.event) {
                    error.event.preventDefault();
                }
                if (!this.isDestroyed() && group === this.group) {
                    this._foot("crm_core.Timeline.Failed");
                }
            }
        },

        _wantedKinds: function () {
            return this.kinds.filter((kind) => kind.group === this.group).map((kind) => kind.key);
        },

        // ---------------------------------------------------------------- drawing

        _show: function (page) {
            this.kinds = page.kinds;
            this.next = page.next;
            this._showFilters();
            for (const entry of page.entries) {
                this._showEntry(entry);
            }
            if (page.next) {
                this._foot("crm_core.Timeline.More");
            } else if (Object.keys(this.entries).length) {
                this._foot();
            } else {
                this._foot("crm_core.Timeline.Empty", {filtered: this.group !== "all"});
            }
        },

        _foot: function (template, values) {
            this.$(".crm_timeline_foot")
                .removeClass("crm_timeline_loading")
                .html(template ? qweb.render(template, values) : "");
        },

        _showFilters: function () {
            const labels = [
                ["all", _t("All")],
                ["message", _t("Messages")],
                ["call", _t("Calls")],
                ["visit", _t("Field Visits")],
                ["activity", _t("Activities")],
                ["deal", _t("Deals")],
                ["order", _t("Quotations and Orders")],
                ["money", _t("Invoices and Payments")],
                ["service", _t("Service")],
                ["marketing", _t("Marketing")],
            ];
            const groups = new Set(["all", ...this.kinds.map((kind) => kind.group)]);
            const filters = labels
                .filter(([group]) => groups.has(group))
                .map(([group, label]) => ({group, label}));
            this.$(".crm_timeline_filters").html(
                qweb.render("crm_core.Timeline.Filters", {filters, active: this.group})
            );
        },

        _showEntry: function (entry) {
            const moment_ = this._toLocal(entry);
            const key = moment_.format("YYYY-MM-DD");
            let $day = this.$(".crm_timeline_day").last();
            if ($day.attr("data-day") !== key) {
                const day = {key, label: this._dayLabel(moment_)};
                $day = $(qweb.render("crm_core.Timeline.Day", {day}));
                this.$(".crm_timeline_days").append($day);
            }
            const own = entry.res_model === this.resModel && entry.res_id === this.resId;
            const shown = Object.assign({}, entry, {
                opens: Boolean(entry.res_id) && !own,
                money: this._formatMoney(entry),
                meta: [this._kindLabel(entry), entry.author, entry.day ? "" : moment_.format("HH:mm")]
                    .filter(Boolean)
                    .join(" · "),
            });
            this.entries[entry.id] = entry;
            $day.append(qweb.render("crm_core.Timeline.Entry", {entry: shown}));
        },

        /**
         * @param {Object} entry
         * @returns {moment} in the reader's time zone
         */
        _toLocal: function (entry) {
            if (entry.day) {
                return moment(entry.date.slice(0, 10));
            }
            const value = fieldUtils.parse.datetime(entry.date, null, {isUTC: true});
            return value.clone().add(session.getTZOffset(value), "minutes");
        },

        _dayLabel: function (day) {
            const now = moment.utc().add(session.getTZOffset(moment.utc()), "minutes");
            const away = moment(day.format("YYYY-MM-DD")).diff(moment(now.format("YYYY-MM-DD")), "days");
            const names = {"-1": _t("Yesterday"), 0: _t("Today"), 1: _t("Tomorrow")};
            const date = day.format("LL") + " " + day.format("ddd");
            return away in names ? names[away] + " · " + date : date;
        },

        _kindLabel: function (entry) {
            const kind = this.kinds.find((each) => each.key === entry.kind);
            return kind && kind.label !== entry.title ? kind.label : "";
        },

        _formatMoney: function (entry) {
            if (typeof entry.amount !== "number") {
                return "";
            }
            const options = {currency_id: entry.currency_id, forceString: true};
            return fieldUtils.format.monetary(entry.amount, null, options);
        },

        // ---------------------------------------------------------------- handlers

        _onFilter: function (event) {
            this.group = event.currentTarget.dataset.group;
            this._showFilters();
            this._restart();
        },

        _onAll: function () {
            this.group = "all";
            this._restart();
        },

        _onMore: function () {
            this._load();
        },

        _onKey: function (event) {
            if (event.key === "Enter") {
                event.preventDefault();
                event.stopPropagation();
                this._onOpen(event);
            }
        },

        _onOpen: async function (event) {
            const entry = this.entries[event.currentTarget.dataset.id];
            const action = await this._rpc({
                model: entry.res_model,
                method: "get_formview_action",
                args: [[entry.res_id]],
            });
            this.do_action(action);
        },
    });

    widgetRegistry.add("crm_timeline", Timeline);

    return Timeline;
});
