/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.webclient", function (require) {
    "use strict";

    const AbstractWebClient = require("web.AbstractWebClient");

    AbstractWebClient.include({
        /**
         * The browser tab says which application this is.
         *
         * @override
         */
        init: function () {
            this._super.apply(this, arguments);
            const meta = document.querySelector("meta[name=application-name]");
            this.set("title_part", {zopenerp: meta ? meta.content : "CRM"});
        },
    });
});
