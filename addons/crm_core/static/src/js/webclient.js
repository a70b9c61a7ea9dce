/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_core.webclient", function (require) {
    "use strict";

    const AbstractWebClient = require("web.AbstractWebClient");
    const {_lt} = require("web.core");
    const env = require("web.env");

    // The OWL of Debian's Odoo asks for the translation of a text with the blanks around it, which
    // no catalogue has: chatter and search panel stay English. Ask without, put them back.
    const translate = env.qweb.translateFn;
    env.qweb.translateFn = function (text) {
        const [, before, term, after] = /^(\s*)([^]*?)(\s*)$/.exec(text);
        return term ? before + translate(term) + after : text;
    };

    // Texts Odoo's screens ask for and its Chinese catalogue lacks: named here, ours has them.
    const missing = [
        _lt("Today:"),
        _lt("Tomorrow:"),
        _lt("Yesterday:"),
        _lt("%d days overdue:"),
        _lt("Due in %d days:"),
        _lt("for %s"),
        _lt("There are no messages in this conversation."),
    ];

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

    return {missing};
});
