/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.file_progress", function (require) {
    "use strict";

    const AbstractField = require("web.AbstractField");
    const {_t} = require("web.core");
    const registry = require("web.field_registry");
    const {sprintf} = require("web.utils");

    const SECONDS = 2;

    /**
     * How far a file import is: rows read, and rows made leads; or another job whose get_progress names its own label.
     * Asks the server every other second as long as anything is under way; at the end the form is loaded anew, with the
     * results.
     */
    const FileProgress = AbstractField.extend({
        className: "crm_file_progress",
        supportedFieldTypes: ["float"],

        init: function () {
            this._super.apply(this, arguments);
            this.values = false;
        },

        destroy: function () {
            clearTimeout(this.timer);
            this._super.apply(this, arguments);
        },

        isSet: function () {
            return true;
        },

        _render: function () {
            if (this.recordData.state === "draft" || !this.res_id) {
                return Promise.resolve();
            }
            return this._poll();
        },

        /**
         * @returns {Promise} resolved when the bars show the present state
         */
        _poll: async function () {
            clearTimeout(this.timer);
            const before = this.values;
            try {
                this.values = await this._rpc(
                    {model: this.model, method: "get_progress", args: [[this.res_id]]},
                    {shadow: true}
                );
            } catch (error) {
                // A server that restarts: keep what is shown, ask again
                error.event && error.event.preventDefault();
            }
            if (this.isDestroyed()) {
                return;
            }
            if (this.values) {
                this._draw();
            }
            const [action, delay] = this._isOutdated(before) ? ["_reload", 200] : ["_poll", SECONDS * 1000];
            if (action === "_reload" || !this.values || this._isBusy(this.values)) {
                // Not at once: this may run while the form is being drawn, which would lose the event
                this.timer = setTimeout(() => this[action](), delay);
            }
        },

        /**
         * Whether the form shows another step, or numbers of a processing that came to its end.
         *
         * @param {Object|false} before what the server said last time
         * @returns {Boolean}
         */
        _isOutdated: function (before) {
            if (!this.values || this.recordData.state !== this.values.state) {
                return Boolean(this.values);
            }
            const pending = before ? before.pending_count : this.recordData.pending_count;
            return !this._isBusy(this.values) && (pending > 0 || Boolean(before && this._isBusy(before)));
        },

        _reload: function () {
            this.trigger_up("reload");
        },

        _isBusy: function (values) {
            return values.state === "running" || values.pending_count > 0;
        },

        _draw: function () {
            const values = this.values;
            this.$el.empty();
            const label =
                values.label || sprintf(_t("Read: %s rows"), values.position.toLocaleString());
            this._drawBar(label, values.progress, values.state === "running");
            if (values.accepted_count) {
                const done = values.accepted_count - values.pending_count;
                this._drawBar(
                    sprintf(
                        _t("Processed: %s of %s"),
                        done.toLocaleString(),
                        values.accepted_count.toLocaleString()
                    ),
                    values.processed,
                    values.pending_count > 0
                );
            }
        },

        _drawBar: function (label, percent, busy) {
            const bar = $("<div/>", {
                class: "progress-bar" + (busy ? " progress-bar-striped progress-bar-animated" : ""),
                role: "progressbar",
                "aria-valuemin": 0,
                "aria-valuemax": 100,
                "aria-valuenow": Math.floor(percent),
                "aria-label": label,
            }).css("width", percent + "%");
            $("<div/>", {class: "crm_file_progress_label"})
                .append($("<span/>").text(label), $("<span/>").text(Math.floor(percent) + "%"))
                .appendTo(this.$el);
            $("<div/>", {class: "progress"}).append(bar).appendTo(this.$el);
        },
    });

    registry.add("crm_file_progress", FileProgress);

    return FileProgress;
});
