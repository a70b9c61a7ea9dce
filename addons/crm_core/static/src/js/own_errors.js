/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.own_errors", function (require) {
    "use strict";

    const {CrashManager} = require("web.CrashManager");

    const OWN = /^odoo\.addons\.crm_/;

    CrashManager.include({
        /**
         * Odoo knows its own exceptions by name only, and shows a subclass of one as a crash with a traceback. The
         * suite's addons raise such subclasses to tell people what to do: show them as that.
         *
         * @override
         */
        rpc_error: function (error) {
            if (error && error.data && OWN.test(error.data.name) && error.data.arguments.length) {
                error = Object.assign({}, error, {
                    data: Object.assign({}, error.data, {name: "odoo.exceptions.UserError"}),
                });
            }
            return this._super(error);
        },
    });
});
