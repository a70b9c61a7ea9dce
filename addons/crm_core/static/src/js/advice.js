/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.advice", function (require) {
    "use strict";

    const core = require("web.core");
    const Widget = require("web.Widget");
    const widgetRegistry = require("web.widget_registry");

    const _t = core._t;
    const POLL = 2000; // milliseconds between two looks for a draft that was asked for
    const LOOKS = 90;

    /**
     * `<widget name="crm_advice" />`: what to do next with a customer or lead, the facts it stands on, a button for each
     * suggestion, and the draft of a message, which is only ever shown: copying or mailing it is up to the reader.
     */
    const Advice = Widget.extend({
        className: "crm_advice_panel",
        events: {
            "click .crm_advice_act": "_onAct",
            "click .crm_advice_ask": "_onAsk",
            "click .crm_advice_copy": "_onCopy",
            "click .crm_advice_mail": "_onMail",
            "click .crm_advice_discard": "_onDiscard",
        },

        init: function (parent, record) {
            this._super.apply(this, arguments);
            this.model = record.model;
            this.resId = record.res_id;
            this.looks = 0;
        },

        /** The form does not wait for it. */
        start: function () {
            this._load();
            return this._super.apply(this, arguments);
        },

        destroy: function () {
            clearTimeout(this.timer);
            this._super.apply(this, arguments);
        },

        _call: function (method, args = [], options = {}) {
            const context = this.getSession().user_context;
            return this._rpc({model: this.model, method: method, args: [[this.resId], ...args], context: context}, options);
        },

        _callDraft: function (method) {
            return this._rpc({
                model: "crm.advice.draft",
                method: method,
                args: [[this.advice.last.id]],
                context: this.getSession().user_context,
            });
        },

        _load: async function () {
            if (!this.resId) {
                return;
            }
            this._show(await this._call("get_advice", [], {shadow: true}));
        },

        _show: function (advice) {
            if (this.isDestroyed()) {
                return;
            }
            this.advice = advice;
            this.$el.html(core.qweb.render("crm_core.Advice", {advice: advice}));
            this.$el.toggleClass("d-none", !advice.suggestions.length && !advice.draft && !advice.last);
            clearTimeout(this.timer);
            if (advice.last && advice.last.state === "waiting" && this.looks++ < LOOKS) {
                this.timer = setTimeout(() => this._load(), POLL);
            }
        },

        _onAct: async function (event) {
            const action = await this._call("run_advice", [$(event.currentTarget).data("rule")]);
            this.do_action(action, {on_close: () => this.trigger_up("reload")});
        },

        _onAsk: async function (event) {
            event.preventDefault();
            $(event.currentTarget).prop("disabled", true);
            this.looks = 0;
            const last = await this._call("ask_draft", [$(event.currentTarget).data("rule") || false]);
            this._show(Object.assign({}, this.advice, {last: last}));
        },

        _onCopy: async function () {
            const text = this.advice.last.text;
            try {
                await navigator.clipboard.writeText(text);
            } catch (error) {
                // Without HTTPS there is no clipboard: select it for the reader to copy
                window.getSelection().selectAllChildren(this.$(".crm_advice_text")[0]);
                return this.displayNotification({message: _t("The text is selected: copy it with Ctrl+C.")});
            }
            this.displayNotification({message: _t("Copied. Change it as you like, then send it yourself."), type: "success"});
        },

        _onMail: async function () {
            this.do_action(await this._callDraft("action_write_mail"), {on_close: () => this.trigger_up("reload")});
        },

        _onDiscard: async function () {
            await this._callDraft("action_discard");
            this._show(Object.assign({}, this.advice, {last: false}));
        },
    });

    widgetRegistry.add("crm_advice", Advice);

    return Advice;
});
