/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_bi.cockpit", function (require) {
    "use strict";

    const AbstractAction = require("web.AbstractAction");
    const ajax = require("web.ajax");
    const core = require("web.core");
    const charts = require("crm_bi.charts");
    const figure = require("crm_core.figure");

    const _t = core._t;
    const qweb = core.qweb;

    const ECHARTS_URL = "/crm_bi/static/lib/echarts/echarts.min.js";
    const WALL_REFRESH = 5 * 60 * 1000;
    const BAR_HEIGHT = 32;
    const LABEL_SHARE = 0.28; // of the width, for the names beside lying bars
    // A change below half a percent (or half a point) is no news, good or bad.
    const STEADY = 0.005;

    const Cockpit = AbstractAction.extend({
        template: "crm_bi.Cockpit",
        events: {
            "click .o_crm_cockpit_period": "_onPeriod",
            "click .o_crm_cockpit_wall": "_onWall",
            "click .o_crm_card_select": "_onSelectCard",
            "change .o_crm_ranking_by": "_onDimension",
            "click [data-open]": "_onOpen",
            "fullscreenchange": "_onWallChanged",
        },

        // ---------------------------------------------------------------- life

        init: function (parent, action) {
            this._super.apply(this, arguments);
            this.title = this.getTitle();
            this.query = {page: action.params.page, period: "quarter", measure: null, dimension: null};
            this.periods = [
                {key: "month", label: _t("This Month")},
                {key: "quarter", label: _t("This Quarter")},
                {key: "year", label: _t("This Year")},
                {key: "last_year", label: _t("Last Year")},
                {key: "all", label: _t("All Time")},
            ];
            this.charts = [];
        },

        willStart: function () {
            const library = ajax.loadJS(ECHARTS_URL).then(
                () => window.echarts,
                () => null
            );
            return Promise.all([
                this._super.apply(this, arguments),
                this._load(),
                library.then((echarts) => {
                    this.echarts = echarts;
                }),
            ]);
        },

        start: async function () {
            await this._super.apply(this, arguments);
            this._renderContent();
            core.bus.on("resize", this, this._resizeCharts);
        },

        on_attach_callback: function () {
            this._super.apply(this, arguments);
            this.isAttached = true;
            this._drawCharts();
        },

        on_detach_callback: function () {
            this.isAttached = false;
            this._super.apply(this, arguments);
        },

        destroy: function () {
            clearInterval(this.refreshTimer);
            core.bus.off("resize", this, this._resizeCharts);
            this._disposeCharts();
            this._super.apply(this, arguments);
        },

        // ---------------------------------------------------------------- data

        _load: async function () {
            this.data = await this._rpc({model: "crm.bi.cockpit", method: "get_data", kwargs: this.query});
        },

        _reload: async function (changes) {
            Object.assign(this.query, changes);
            await this._load();
            if (!this.isDestroyed()) {
                this._renderContent();
                this._drawCharts();
            }
        },

        // ---------------------------------------------------------------- what is shown

        _renderContent: function () {
            const focused = this.el.contains(document.activeElement) && document.activeElement.dataset.focus;
            this.$(".o_crm_cockpit_period").each((index, button) => {
                button.setAttribute("aria-pressed", button.dataset.period === this.query.period);
            });
            this.$(".o_crm_cockpit_range").text(this._getRangeText());
            this.$(".o_crm_cockpit_content").html(qweb.render("crm_bi.Cockpit.Content", {widget: this}));
            if (focused) {
                this.$(`[data-focus="${focused}"]`).trigger("focus");
            }
        },

        _getRangeText: function () {
            const period = this.data.period;
            if (!period.date_from) {
                return "";
            }
            const day = (date) => moment(date).format("ll");
            return _.str.sprintf(
                _t("%s – %s, compared with %s – %s"),
                day(period.date_from),
                day(period.date_to),
                day(period.previous_from),
                day(period.previous_to)
            );
        },

        exact: function (value, unit) {
            return figure.exact(value, unit, this.data.currency);
        },

        short: function (value, unit) {
            return figure.short(value, unit, this.data.currency);
        },

        /**
         * Whether the card shows less than all digits, so that the exact amount belongs below it.
         */
        isShortened: function (card) {
            return card.unit === "money" && Math.abs(card.value) >= figure.SHORT_FROM;
        },

        change: function (card) {
            return figure.change(card.change, card.unit);
        },

        /**
         * Status colour of a change: what is good for the company is on track.
         */
        getTrendStatus: function (card) {
            const towards = {up: 1, down: -1, none: 0}[card.direction] * card.change;
            if (Math.abs(towards) < STEADY) {
                return "done";
            }
            return towards > 0 ? "on_track" : "late";
        },

        getOpenLabel: function (card) {
            return _.str.sprintf(_t("Open the records of %s"), card.name);
        },

        getChartLabel: function (panel) {
            return _.str.sprintf(_t("%s, %s. The table below has the same figures."), panel.measure.name, panel.what);
        },

        isChosen: function (card) {
            const chosen = this.data.chart || this.data.ranking;
            return Boolean(chosen) && chosen.measure.code === card.code;
        },

        /**
         * Charts and tables of the page: the same rows in both, each row opens its records.
         */
        getPanels: function () {
            const {chart, ranking, funnel} = this.data;
            return [
                chart && this._getPanel("chart", chart, _t("by month"), "month", (row) => ({
                    title: figure.month(row.key),
                    keys: [row.key],
                })),
                ranking && this._getPanel("ranking", ranking, _t("ranking"), ranking.dimension, (row) => ({
                    title: row.label,
                    keys: [row.key],
                })),
                funnel && this._getPanel("funnel", funnel, _t("stages reached"), "stage", (row) => ({
                    title: row.label,
                    share: figure.exact(row.share, "percent"),
                })),
            ].filter(Boolean);
        },

        _getPanel: function (name, data, what, groupBy, describe) {
            const unit = data.measure.unit;
            const rows = data.rows.map((row) => {
                const described = Object.assign({}, row, describe(row));
                described.exact = this.exact(row.value, unit);
                described.text = this.short(row.value, unit) + (described.share ? ` · ${described.share}` : "");
                return described;
            });
            return Object.assign({}, data, {name, what, groupBy, rows});
        },

        // ---------------------------------------------------------------- charts

        _drawCharts: function () {
            this._disposeCharts();
            if (!this.echarts || !this.isAttached) {
                return;
            }
            const palette = this._getPalette();
            this.getPanels().forEach((panel) => {
                const canvas = this.el.querySelector(`.o_crm_panel[data-panel="${panel.name}"] .o_crm_canvas`);
                if (!canvas || !panel.rows.length) {
                    return;
                }
                if (panel.name !== "chart") {
                    canvas.style.height = `${panel.rows.length * BAR_HEIGHT * (palette.size / 12) + 8}px`;
                }
                const chart = this.echarts.init(canvas);
                chart.setOption(
                    panel.name === "chart"
                        ? charts.monthOption(panel.rows, palette, (value) => this.short(value, panel.measure.unit))
                        : charts.barOption(panel.rows, palette, canvas.clientWidth * LABEL_SHARE)
                );
                chart.on("click", ({data}) => this._openRecords(panel.measure.id, panel.groupBy, data.keys));
                this.charts.push(chart);
            });
        },

        _getPalette: function () {
            const style = getComputedStyle(this.el);
            const color = (name) => style.getPropertyValue(`--crm-${name}`).trim();
            return {
                accent: color("accent"),
                pale: color("pale"),
                line: color("line"),
                text: color("text"),
                muted: color("muted"),
                font: style.fontFamily,
                size: this._isOnWall() ? 18 : 12,
            };
        },

        _resizeCharts: function () {
            this.charts.forEach((chart) => chart.resize());
        },

        _disposeCharts: function () {
            this.charts.forEach((chart) => chart.dispose());
            this.charts = [];
        },

        _isOnWall: function () {
            return document.fullscreenElement === this.el;
        },

        // ---------------------------------------------------------------- what the reader does

        _onPeriod: function (ev) {
            return this._reload({period: ev.currentTarget.dataset.period});
        },

        _onSelectCard: function (ev) {
            return this._reload({measure: ev.currentTarget.dataset.code});
        },

        _onDimension: function (ev) {
            return this._reload({dimension: ev.currentTarget.value});
        },

        _onOpen: function (ev) {
            const {open, group, panel, row} = ev.currentTarget.dataset;
            const data = panel && this.getPanels().find(({name}) => name === panel).rows[Number(row)];
            return this._openRecords(Number(open), group || null, data ? data.keys : null);
        },

        _openRecords: async function (measureId, groupBy, keys) {
            const {date_to, date_from, chart_from} = this.data.period;
            const action = await this._rpc({
                model: "crm.bi.measure",
                method: "get_records_action",
                args: [[measureId], groupBy === "month" ? chart_from : date_from, date_to, groupBy, keys],
            });
            return this.do_action(action);
        },

        _onWall: function () {
            return this._isOnWall() ? document.exitFullscreen() : this.el.requestFullscreen();
        },

        _onWallChanged: function () {
            clearInterval(this.refreshTimer);
            if (this._isOnWall()) {
                this.refreshTimer = setInterval(() => this._reload(), WALL_REFRESH);
            }
            this._drawCharts();
        },
    });

    core.action_registry.add("crm_bi_cockpit", Cockpit);

    return Cockpit;
});
