/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.grade", function (require) {
    "use strict";

    const AbstractField = require("web.AbstractField");
    const fieldRegistry = require("web.field_registry");

    /** `widget="crm_grade"`: the grade of a lead as a badge, A to D. */
    const Grade = AbstractField.extend({
        tagName: "span",
        className: "crm_grade",
        supportedFieldTypes: ["selection"],

        _render: function () {
            this.$el.text(this.value || "");
            this.$el.attr("class", "o_field_widget crm_grade" + (this.value ? " crm_grade_" + this.value : ""));
        },
    });

    fieldRegistry.add("crm_grade", Grade);

    return Grade;
});
