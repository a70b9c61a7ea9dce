# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import SavepointCase


class ServiceCase(SavepointCase):
    """A pump that needs installing, with 24 months of warranty; a customer; one person per role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Harbour Hotel",
                "is_company": True,
                "customer_rank": 1,
                "city": "Shenzhen",
                "street": "8 Dock Road",
                "phone": "+86 755 1234 5678",
            }
        )
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.env.company.id)], limit=1)
        cls.pump = cls._create_product(
            "Pump",
            service_required=True,
            service_kind="installation",
            warranty_months=24,
            service_checklist="Check the voltage\n\nRun it for ten minutes ",
        )
        cls.agent = cls._create_user("service_agent", "crm_service.group_service_agent")
        cls.dispatcher = cls._create_user("service_dispatcher", "crm_service.group_dispatcher")
        cls.technician = cls._create_user("service_technician", "crm_service.group_technician")
        cls.colleague = cls._create_user("service_colleague", "crm_service.group_technician")

    @classmethod
    def _create_product(cls, name, **vals):
        return cls.env["product.product"].create({"name": name, "type": "product", **vals})

    @classmethod
    def _create_user(cls, login, *groups):
        return cls.env["res.users"].create(
            {
                "name": login,
                "login": login,
                "email": "%s@example.com" % login,
                "groups_id": [(6, 0, [cls.env.ref(group).id for group in groups])],
            }
        )

    @classmethod
    def _create_order(cls, **vals):
        return cls.env["crm.service.order"].create({"partner_id": cls.customer.id, "product_id": cls.pump.id, **vals})

    @classmethod
    def _planned_for(cls, technician, **vals):
        return cls._create_order(technician_id=technician.id, planned_start="2031-03-03 01:00:00", **vals)

    @classmethod
    def _create_delivery(cls, *items, lots=()):
        """Return a delivery of (product, quantity) pairs, ready to be validated."""
        picking = cls.env["stock.picking"].create(
            {
                "partner_id": cls.customer.id,
                "picking_type_id": cls.warehouse.out_type_id.id,
                "location_id": cls.warehouse.lot_stock_id.id,
                "location_dest_id": cls.customer.property_stock_customer.id,
            }
        )
        for product, quantity in items:
            vals = {
                "name": product.name,
                "product_id": product.id,
                "product_uom": product.uom_id.id,
                "product_uom_qty": quantity,
                "picking_id": picking.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
            move = cls.env["stock.move"].create(vals)
            line = {
                "product_id": product.id,
                "product_uom_id": product.uom_id.id,
                "picking_id": picking.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
            amounts = [(lot.id, 1) for lot in lots] or [(False, quantity)]
            move.move_line_ids = [(0, 0, dict(line, lot_id=lot, qty_done=amount)) for lot, amount in amounts]
        return picking

    def _work(self, order, until):
        """Take the order's steps up to the state ``until``."""
        for state, action in (("on_way", "action_depart"), ("in_progress", "action_start"), ("done", "action_done")):
            if state == "done":
                order.result = "Works again."
                order.checklist_ids.done = True
            getattr(order, action)()
            if state == until:
                return
