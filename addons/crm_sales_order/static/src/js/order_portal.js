/* License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

odoo.define("crm_sales_order.order_portal", function (require) {
    "use strict";

    const publicWidget = require("web.public.widget");
    require("sale_management.sale_management");

    // Options: what the server has to say is shown; what was chosen may change other lines, so the page is read again
    publicWidget.registry.SaleUpdateLineButton.include({
        _onChangeQuantity: function (ev) {
            ev.preventDefault();
            const $input = $(ev.currentTarget);
            this._choose("update_line_dict", {line_id: $input.data("lineId"), input_quantity: $input.val()});
        },

        _onClick: function (ev) {
            ev.preventDefault();
            const data = $(ev.currentTarget).data();
            this._choose("update_line_dict", {line_id: data.lineId, remove: data.remove, unlink: data.unlink});
        },

        _onClickOptionalProduct: function (ev) {
            ev.preventDefault();
            this._choose("add_option/" + $(ev.currentTarget).data("optionId"), {});
        },

        _choose: function (route, params) {
            if (this.choosing) {
                return;
            }
            this.choosing = true;
            const order = this.orderDetail;
            return this._rpc({
                route: "/my/orders/" + order.orderId + "/" + route,
                params: Object.assign({access_token: order.token}, params),
            }).then((answer) => {
                this.choosing = false;
                if (answer && answer.error) {
                    this.$(".crm_choice_error").remove();
                    const $error = $("<div class='alert alert-danger crm_choice_error' role='alert'/>").text(answer.error);
                    this.$("#sales_order_table").before($error);
                    $error[0].scrollIntoView({block: "center"});
                } else {
                    window.location.reload();
                }
            }).guardedCatch(() => {
                this.choosing = false;
            });
        },
    });
});
