# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io

from PIL import Image, ImageDraw


def draw_signature():
    """A drawn signature, as the browser sends it: PNG in base64."""
    image = Image.new("RGBA", (200, 80))
    ImageDraw.Draw(image).line([(10, 60), (80, 20), (190, 60)], fill=(0, 0, 0, 255), width=4)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


class ContractMixin:
    """To be used with SalesOrderCase's helpers: a template of two clauses, and contracts over ten pumps at 500."""

    @classmethod
    def _set_up_contracts(cls):
        clause = cls.env["crm.contract.clause"]
        cls.parties = clause.create({"name": "Parties", "text": "{{ company.name }} sells to {{ customer.name }}."})
        cls.price = clause.create({"name": "Price", "text": "The goods:\n{{ order.lines }}\nTotal {{ amount.words }}."})
        lines = [(0, 0, {"sequence": number, "clause_id": one.id}) for number, one in enumerate((cls.parties, cls.price), 1)]
        cls.template = cls.env["crm.contract.template"].create({"name": "Sale", "title": "Sales Contract", "line_ids": lines})
        cls.image = draw_signature()

    @classmethod
    def _create_quotation(cls, quantity=10, **values):
        line = {"product_id": cls.pump.id, "product_uom_qty": quantity, "price_unit": 500.0}
        return cls.env["sale.order"].create({"partner_id": cls.customer.id, "order_line": [(0, 0, line)], **values})

    @classmethod
    def _create_contract(cls, order=None, **values):
        """A draft over ``order`` (default: a new quotation of 5,000)."""
        order = order or cls._create_quotation()
        vals = {"partner_id": cls.customer.id, "template_id": cls.template.id, "currency_id": order.currency_id.id, **values}
        contract = cls.env["crm.contract"].create(vals)
        order.contract_id = contract
        return contract

    @classmethod
    def _create_framework(cls, amount=100000.0, **values):
        vals = {"partner_id": cls.customer.id, "template_id": cls.template.id, "framework": True, "amount_total": amount}
        return cls.env["crm.contract"].create({**vals, **values})

    def _send_and_sign(self, contract):
        contract.action_send()
        self.assertTrue(contract._sign("Wang Fang", self.image, "203.0.113.9", "Phone"))
        return contract
