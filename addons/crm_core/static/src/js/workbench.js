/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.workbench", function (require) {
    "use strict";

    const AbstractAction = require("web.AbstractAction");
    const core = require("web.core");
    const figure = require("crm_core.figure");

    const _t = core._t;
    const qweb = core.qweb;

    const MODEL = "crm.workbench";
    const GAP = 12; // between tiles, as in workbench.scss

    const Workbench = AbstractAction.extend({
        template: "crm_core.Workbench",
        events: {
            "click .o_crm_workbench_arrange": "_onArrange",
            "click .o_crm_workbench_reset": "_onReset",
            "click [data-open]": "_onOpen",
            "click [data-res-id]": "_onOpenRow",
            "click [data-retry]": "_onRetry",
            "click [data-move]": "_onMove",
            "click [data-hide]": "_onHide",
            "click [data-add]": "_onAdd",
        },

        // ---------------------------------------------------------------- life

        init: function () {
            this._super.apply(this, arguments);
            this.title = this.getTitle();
            this.isArranging = false;
        },

        willStart: function () {
            return Promise.all([this._super.apply(this, arguments), this._load()]);
        },

        start: async function () {
            await this._super.apply(this, arguments);
            this._renderContent();
            core.bus.on("resize", this, this._stack);
        },

        destroy: function () {
            core.bus.off("resize", this, this._stack);
            this._super.apply(this, arguments);
        },

        /**
         * Coming back from a record, the figures may have changed.
         */
        on_attach_callback: async function () {
            this._super.apply(this, arguments);
            this._stack();
            if (this.wasLeft) {
                this.wasLeft = false;
                await this._reload();
            }
        },

        on_detach_callback: function () {
            this.wasLeft = true;
            this._super.apply(this, arguments);
        },

        // ---------------------------------------------------------------- data

        _call: function (method, args) {
            return this._rpc({model: MODEL, method, args: args || []});
        },

        _load: async function () {
            this.data = await this._call("get_page");
        },

        _reload: async function () {
            await this._load();
            if (!this.isDestroyed()) {
                this._renderContent();
            }
        },

        _saveLayout: function () {
            const ids = (tiles) => tiles.map((tile) => tile.id);
            return this._call("save_layout", [ids(this.data.tiles), ids(this.data.hidden)]);
        },

        // ---------------------------------------------------------------- what is shown

        _renderContent: function () {
            this.$(".o_crm_workbench_content").html(qweb.render("crm_core.Workbench.Content", {widget: this}));
            this._makeSortable();
            this._stack();
        },

        /**
         * Small tiles stand on top of each other beside a high one: each takes the rows of the grid its height needs.
         */
        _stack: function () {
            const grid = this.el.querySelector(".o_crm_tiles");
            const row = parseFloat(getComputedStyle(grid).gridAutoRows);
            if (!grid.offsetParent || !row) {
                return;
            }
            for (const tile of grid.children) {
                tile.style.gridRowEnd = "auto";
            }
            const heights = [...grid.children].map((tile) => tile.scrollHeight + GAP);
            heights.forEach((height, index) => {
                grid.children[index].style.gridRowEnd = `span ${Math.ceil(height / row)}`;
            });
        },

        _makeSortable: function () {
            this.$(".o_crm_tiles").sortable({
                items: ".o_crm_tile",
                handle: "header",
                cancel: "button",
                tolerance: "pointer",
                disabled: !this.isArranging,
                start: (ev, ui) => {
                    ui.item.addClass("o_crm_tile_dragged");
                    ui.placeholder.attr("class", `o_crm_tile_placeholder ${ui.item.is(".o_crm_tile_wide") ? "o_crm_tile_wide" : ""}`);
                    ui.placeholder.css({visibility: "visible", gridRowEnd: ui.item[0].style.gridRowEnd});
                },
                stop: (ev, ui) => {
                    ui.item.removeClass("o_crm_tile_dragged");
                    this._onDropped();
                },
            });
        },

        getGreeting: function () {
            return _.str.sprintf(_t("Hello, %s"), this.data.user);
        },

        getToday: function () {
            return moment(this.data.today).format(_t("dddd, MMMM D"));
        },

        getOpenLabel: function (tile) {
            return _.str.sprintf(_t("Open the records of %s"), tile.name);
        },

        short: function (value, unit) {
            return figure.short(value, unit, this.data.currency);
        },

        isEmpty: function (tile) {
            const has = (list) => list && list.length;
            return !tile.value && !has(tile.rows) && !has(tile.progress);
        },

        percent: function (share) {
            return figure.exact(share, "percent");
        },

        width: function (share) {
            return `${Math.max(0, Math.min(share, 1)) * 100}%`;
        },

        getText: function (row) {
            const parts = [row.text];
            if (row.per_day) {
                const unit = row.amount === undefined ? "count" : "money";
                const perDay = unit === "count" ? Math.ceil(row.per_day * 10) / 10 : this.short(row.per_day, unit);
                parts.unshift(_.str.sprintf(_t("%s a day needed"), perDay));
            }
            return parts.filter(Boolean).join(" · ");
        },

        getSide: function (row) {
            if (row.due || row.date) {
                return this._getDayText(row.due || row.date, row.due ? _t("%s days late") : _t("%s days ago"));
            }
            const unit = row.amount === undefined ? "count" : "money";
            const value = row.amount === undefined ? row.figure : row.amount;
            if (value === undefined) {
                return row.side || "";
            }
            const text = this.short(value, unit);
            return row.goal ? `${text} / ${this.short(row.goal, unit)}` : text;
        },

        _getDayText: function (date, past) {
            const day = moment(date);
            const days = day.diff(moment(this.data.today), "days");
            const near = {"-1": _t("Yesterday"), 0: _t("Today"), 1: _t("Tomorrow")}[days];
            if (near) {
                return near;
            }
            return days < 0 ? _.str.sprintf(past, -days) : day.format("MM-DD");
        },

        // ---------------------------------------------------------------- what the reader does

        _getTile: function (ev) {
            const id = Number(ev.currentTarget.closest("[data-tile]").dataset.tile);
            return this.data.tiles.find((tile) => tile.id === id);
        },

        _onOpen: function (ev) {
            return this.isArranging || this.do_action(this._getTile(ev).action);
        },

        _onOpenRow: function (ev) {
            if (this.isArranging) {
                return;
            }
            const {resId, resModel} = ev.currentTarget.dataset;
            const action = this._getTile(ev).action;
            return this.do_action({
                type: "ir.actions.act_window",
                res_model: resModel || action.res_model,
                res_id: Number(resId),
                views: [[false, "form"]],
            });
        },

        _onRetry: async function (ev) {
            const tile = this._getTile(ev);
            const index = this.data.tiles.indexOf(tile);
            this.data.tiles[index] = await this._call("get_tile", [tile.id]);
            this._renderContent();
        },

        _onArrange: function () {
            this.isArranging = !this.isArranging;
            this.$el.toggleClass("o_crm_arranging", this.isArranging);
            this.$(".o_crm_workbench_arrange").attr("aria-pressed", this.isArranging);
            this.$(".o_crm_tiles").sortable("option", "disabled", !this.isArranging);
        },

        _onDropped: function () {
            const order = this.$("[data-tile]")
                .toArray()
                .map((node) => Number(node.dataset.tile));
            this.data.tiles.sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
            return this._saveLayout();
        },

        _onMove: function (ev) {
            const tile = this._getTile(ev);
            const step = Number(ev.currentTarget.dataset.move);
            const tiles = this.data.tiles;
            const from = tiles.indexOf(tile);
            const to = Math.max(0, Math.min(from + step, tiles.length - 1));
            tiles.splice(to, 0, tiles.splice(from, 1)[0]);
            this._renderContent();
            this.$(`[data-tile=${tile.id}] [data-move=${step}]`).trigger("focus");
            return this._saveLayout();
        },

        _onHide: function (ev) {
            const tile = this._getTile(ev);
            this.data.tiles = this.data.tiles.filter((other) => other !== tile);
            this.data.hidden.push(tile);
            this._renderContent();
            return this._saveLayout();
        },

        _onAdd: async function (ev) {
            const id = Number(ev.currentTarget.dataset.add);
            this.data.hidden = this.data.hidden.filter((tile) => tile.id !== id);
            this.data.tiles.push(await this._call("get_tile", [id]));
            this._renderContent();
            return this._saveLayout();
        },

        _onReset: async function () {
            await this._call("reset_layout");
            return this._reload();
        },
    });

    core.action_registry.add("crm_core_workbench", Workbench);

    return Workbench;
});
