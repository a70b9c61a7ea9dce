/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.gate_panel", function (require) {
    "use strict";

    const AbstractField = require("web.AbstractField");
    const core = require("web.core");
    const fieldRegistry = require("web.field_registry");

    const _t = core._t;
    const PATIENCE = 3000; // milliseconds a form may take to become editable

    /**
     * `widget="crm_gate_panel"`: what a lead still needs for its next stage. Each line leads to what brings it: the
     * field, a file to choose, a tick, an approval. Ticks and files are saved at once, without saving the form.
     */
    const GatePanel = AbstractField.extend({
        className: "crm_gate_panel",
        supportedFieldTypes: ["text"],
        events: {
            "click .crm_gate_field": "_onField",
            "change .crm_gate_tick": "_onTick",
            "click .crm_gate_upload": "_onUpload",
            "change .crm_gate_file": "_onFile",
            "click .crm_gate_request": "_onRequest",
            "click .crm_gate_grant": "_onGrant",
            "click .crm_gate_refuse": "_onRefuse",
            "click .crm_gate_override": "_onOverride",
            "click .crm_gate_move": "_onMove",
        },

        isSet: () => true,

        _render: function () {
            const state = this.value && JSON.parse(this.value);
            this.$el.html(state ? core.qweb.render("crm_core.GatePanel", {widget: this, state: state}) : "");
        },

        /** Call a method of the lead, or of the approval given, in the user's language. */
        _call: function (method, args = [], context = {}) {
            return this._callOn("crm.lead", this.res_id, method, args, context);
        },

        _callOn: function (model, id, method, args = [], context = {}) {
            const full = Object.assign({}, this.getSession().user_context, context);
            return this._rpc({model: model, method: method, args: [[id], ...args], context: full});
        },

        /** Show what the server says, without touching what is typed into the form. */
        _show: function (state) {
            this.value = JSON.stringify(state);
            this._render();
        },

        _lineOf: function (event) {
            return $(event.currentTarget).closest("[data-line]").data("line");
        },

        _open: function (action) {
            return this.do_action(action, {on_close: () => this.trigger_up("reload")});
        },

        /** Lead to the field: make the form editable, open its page, put the cursor there. */
        _onField: function (event) {
            event.preventDefault();
            const name = $(event.currentTarget).data("field");
            const label = $(event.currentTarget).text().trim();
            const $form = this.$el.closest(".o_form_view");
            if ($form.hasClass("o_form_readonly")) {
                $form.closest(".o_action").find(".o_form_button_edit").click();
            }
            const start = Date.now();
            const wait = () => {
                const $editable = $(".o_form_view.o_form_editable");
                if (!$editable.length && Date.now() - start < PATIENCE) {
                    return setTimeout(wait, 50);
                }
                this._focus($editable, name, label);
            };
            wait();
        },

        _focus: function ($form, name, label) {
            const $all = $form.find(`.o_field_widget[name="${name}"]`);
            const $page = $all.closest(".tab-pane");
            if ($page.length && !$all.is(":visible")) {
                $form.find(`.nav-link[href="#${$page[0].id}"]`).click();
            }
            const $field = $all.filter(":visible").first();
            if (!$field.length) {
                return this.displayNotification({
                    type: "warning",
                    message: _.str.sprintf(_t("“%s” is not on this form. Ask your administrator to show it."), label),
                });
            }
            $field[0].scrollIntoView({block: "center"});
            $field.addClass("crm_gate_found");
            setTimeout(() => $field.removeClass("crm_gate_found"), 2000);
            ($field.is("input, select, textarea") ? $field : $field.find("input, select, textarea, [contenteditable]").first()).focus();
        },

        _onTick: async function (event) {
            const box = event.currentTarget;
            try {
                this._show(await this._call("tick_gate", [this._lineOf(event), box.checked]));
            } catch (error) {
                box.checked = !box.checked;
            }
        },

        _onUpload: function (event) {
            event.preventDefault();
            $(event.currentTarget).siblings(".crm_gate_file").click();
        },

        _onFile: function (event) {
            const file = event.currentTarget.files[0];
            const line = this._lineOf(event);
            if (!file) {
                return;
            }
            const reader = new FileReader();
            reader.onload = async () => {
                const content = reader.result.split(",")[1] || "";
                this._show(await this._call("add_gate_document", [line, file.name, content]));
            };
            reader.readAsDataURL(file);
        },

        _onRequest: async function (event) {
            event.preventDefault();
            const context = {gate_line_id: this._lineOf(event)};
            this._open(await this._call("action_request_gate_approval", [], context));
        },

        _onGrant: async function (event) {
            event.preventDefault();
            const approval = $(event.currentTarget).data("approval");
            await this._callOn("crm.gate.approval", approval, "action_grant");
            this._show(await this._call("get_gate_state"));
        },

        _onRefuse: async function (event) {
            event.preventDefault();
            const approval = $(event.currentTarget).data("approval");
            this._open(await this._callOn("crm.gate.approval", approval, "action_refuse"));
        },

        _onOverride: async function (event) {
            event.preventDefault();
            this._open(await this._call("action_override_gate"));
        },

        /** All is there: move on. */
        _onMove: async function (event) {
            event.preventDefault();
            await this._call("write", [{stage_id: $(event.currentTarget).data("stage")}]);
            this.trigger_up("reload");
        },
    });

    fieldRegistry.add("crm_gate_panel", GatePanel);

    return GatePanel;
});
