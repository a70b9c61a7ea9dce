# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What there is to attack, from the server's own registry and the suite's sources: models, fields, paths, methods."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from attacker import Client
from matrix import DETAILS, PATHS

ADDONS = Path(__file__).resolve().parents[2] / "addons"
#: Models whose fields are contact details or follow-ups, and the fields that a domain must not reach
TARGETS = {
    **DETAILS,
    "crm.followup": ("summary", "transcript"),
    "mail.activity": ("note", "summary"),
    "mail.message": ("body", "subject"),
}
#: Documents that name a customer: one more step on the way to the details
DOCUMENTS = ("sale.order", "account.move", "stock.picking", "purchase.order", "helpdesk.ticket", "crm.service.order")
#: Methods every model has, tested as doors of their own
ORM = frozenset({"create", "write", "unlink", "copy", "copy_data", "read", "name_get", "name_search", "onchange", "default_get"})


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    relation: str


@dataclass
class Registry:
    models: dict[str, dict[str, Field]] = field(default_factory=dict)

    def paths(self) -> Iterator[tuple[str, str]]:
        """(model, path) of the ways in one step, or in two over a document, to a hidden field; longer ones by name.

        Every relational field of every model is on one of them; the fields at its end take turns.
        """
        yield from (pair for pair in PATHS if pair[0] in self.models)
        turn = 0
        for model, fields in sorted(self.models.items()):
            for one in fields.values():
                for way, target in self._steps(one):
                    ends = TARGETS[target]
                    yield model, "%s.%s" % (way, ends[turn % len(ends)])
                    turn += 1

    def _steps(self, one: Field) -> Iterator[tuple[str, str]]:
        if one.relation in TARGETS:
            yield one.name, one.relation
        if one.relation in DOCUMENTS and "partner_id" in self.models.get(one.relation, {}):
            yield one.name + ".partner_id", "res.partner"

    def links(self, model: str) -> list[str]:
        """Many2one fields to a customer or lead."""
        return [one.name for one in self.models[model].values() if one.kind == "many2one" and one.relation in DETAILS]

    def texts(self, model: str) -> list[str]:
        return [one.name for one in self.models[model].values() if one.kind in ("char", "text", "html")]


def load(admin: Client) -> Registry:
    registry = Registry()
    rows = admin.call("ir.model.fields", "search_read", [], ["model", "name", "ttype", "relation"])
    for row in rows:
        fields = registry.models.setdefault(row["model"], {})
        fields[row["name"]] = Field(row["name"], row["ttype"], row["relation"] or "")
    return registry


def public_methods() -> list[tuple[str, str, bool]]:
    """(model, method, whether it is of the model and not of records) that the suite adds and that need no argument."""
    found = set()
    for path in ADDONS.glob("crm_*/**/*.py"):
        if path.parent.name in ("models", "wizards"):
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    found |= set(_methods_of(node))
    return sorted(found)


def _methods_of(node: ast.ClassDef) -> Iterator[tuple[str, str, bool]]:
    model = _model_of(node)
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and model and method.name[0] != "_" and method.name not in ORM:
            marks = {ast.unparse(decorator) for decorator in method.decorator_list}
            needed = len(method.args.args) - len(method.args.defaults) - 1
            if not needed and not any("depends" in mark or "onchange" in mark or "autovacuum" in mark for mark in marks):
                yield model, method.name, "api.model" in marks


def _model_of(node: ast.ClassDef) -> str:
    """The value of ``_name``, or else of ``_inherit``."""
    values = {
        ast.unparse(line.targets[0]): line.value
        for line in node.body
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
    }
    name = values.get("_name") or values.get("_inherit")
    return str(name.value) if name else ""
