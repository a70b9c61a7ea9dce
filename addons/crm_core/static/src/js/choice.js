/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.choice", function (require) {
    "use strict";

    const {FieldSelection} = require("web.relational_fields");
    const registry = require("web.field_registry");

    /**
     * A text chosen from a list that depends on another field: the method `options.method` of the model is asked for
     * [[value, words]] with the value of the field `options.argument`.
     */
    const Choice = FieldSelection.extend({
        supportedFieldTypes: ["char"],
        specialData: null,

        init: function () {
            this.choices = [];
            this.choicesFor = null;
            this._super.apply(this, arguments);
        },

        willStart: function () {
            return Promise.all([this._super.apply(this, arguments), this._loadChoices()]);
        },

        _setValues: function () {
            this.values = this.choices;
        },

        /**
         * @returns {Promise} resolved when the list belongs to the present value of the other field
         */
        _loadChoices: async function () {
            const argument = this.recordData[this.nodeOptions.argument];
            if (argument && argument !== this.choicesFor) {
                this.choicesFor = argument;
                this.choices = await this._rpc({
                    model: this.model,
                    method: this.nodeOptions.method,
                    args: [argument],
                });
            }
            this._setValues();
        },

        _render: async function () {
            const render = this._super.bind(this);
            await this._loadChoices();
            return render();
        },

        _formatValue: function (value) {
            const choice = this.choices.find(([code]) => code === value);
            return choice ? choice[1] : value || "";
        },
    });

    registry.add("crm_choice", Choice);
    return Choice;
});
