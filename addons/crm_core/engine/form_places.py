# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Places on a form at which a field can be added, and the view inheritance that puts it there.

A place is a code: ``after:<field>``, ``page:<name>`` (at the end of a tab) or ``tab`` (a tab of its own, which all
added fields share). Fields in lines (sub-views of other fields) and outside of groups are no places: what is put
there would have no label.
"""
from __future__ import annotations

from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Tuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

TAB = "tab"
#: Name of the tab all added fields share
PAGE = "crm_custom_fields"
HIDDEN = ("1", "True", "true")


class Place(NamedTuple):
    """``section`` is the title of the tab or group it lies in, "" at the top of the form."""

    code: str
    section: str
    label: str


def get_places(form: Element, label_of: Callable[[str], str]) -> List[Place]:
    """Places of a form, from top to bottom, each once. ``label_of`` gives the label of a field by its name.

    >>> form = ElementTree.fromstring(
    ...     '<form><sheet><h1><field name="name"/></h1><group string="Contact"><field name="phone"/>'
    ...     '<field name="id" invisible="1"/></group><notebook><page name="notes" string="Notes">'
    ...     '<field name="line_ids"><form><group><field name="note"/></group></form></field></page></notebook></sheet></form>')
    >>> for place in get_places(form, str.title): print(tuple(place))
    ('after:phone', 'Contact', 'Phone')
    ('page:notes', 'Notes', '')
    """
    places: Dict[str, Place] = {}
    for node, above in _walk(form):
        name = node.get("name")
        if not name or name == PAGE or _is_hidden([node, *above]) or _is_within("field", above):
            continue
        if node.tag == "page":
            place = Place("page:" + name, node.get("string") or name, "")
        elif node.tag == "field" and _is_within("group", above):
            place = Place("after:" + name, _section_of(above), node.get("string") or label_of(name))
        else:
            continue
        places.setdefault(place.code, place)
    return list(places.values())


def _walk(node: Element, above: Tuple[Element, ...] = ()) -> Iterator[Tuple[Element, Tuple[Element, ...]]]:
    """Each element with those it lies in, the nearest first; from top to bottom."""
    yield node, above
    for child in node:
        yield from _walk(child, (node, *above))


def _is_hidden(nodes: Iterable[Element]) -> bool:
    return any(node.get("invisible") in HIDDEN for node in nodes)


def _is_within(tag: str, above: Iterable[Element]) -> bool:
    return any(node.tag == tag for node in above)


def _section_of(above: Iterable[Element]) -> str:
    titles = (node.get("string") for node in above if node.tag in ("group", "page"))
    return next((title for title in titles if title), "")


def has_place(form: Element, code: str) -> bool:
    """Whether a form has the place.

    >>> form = ElementTree.fromstring('<form><group><field name="phone"/></group></form>')
    >>> has_place(form, "after:phone"), has_place(form, "after:gone"), has_place(form, "tab")
    (True, False, False)
    """
    return bool(_find(form, code))


def _expression(code: str) -> str:
    kind, _colon, name = code.partition(":")
    if kind == "after":
        return f"//field[@name='{name}'][not(ancestor::field)][ancestor::group]/ancestor-or-self::*[parent::group][1]"
    if kind == "page":
        return f"//page[@name='{name}'][not(ancestor::field)]"
    return "//notebook[not(ancestor::field)]"


def _find(form: Element, code: str) -> List[Element]:
    """What the expression of a place finds, each element once."""
    kind, _colon, name = code.partition(":")
    tag = {"after": "field", "page": "page"}.get(kind, "notebook")
    found: Dict[int, Element] = {}
    for node, above in _walk(form):
        if node.tag != tag or _is_within("field", above) or (name and node.get("name") != name):
            continue
        if kind == "after":
            path = [node, *above]
            node = next((child for child, parent in zip(path, above) if parent.tag == "group"), form)
        if node is not form:
            found.setdefault(id(node), node)
    return list(found.values()) if kind == "after" else list(found.values())[:1]


def build_inheritance(form: Element, fields: Iterable[Tuple[str, List[Element]]], title: str) -> str:
    """The inheriting view that adds fields to a form.

    After a field means after each of its appearances: forms show one of several groups, depending on the record.

    :param fields: (place, nodes to put there), in order
    :param title: of the tab of their own
    :return: the architecture; fields whose place is gone lie on the tab of their own

    >>> form = ElementTree.fromstring('<form><sheet><group><field name="phone"/></group><notebook/></sheet></form>')
    >>> new = [ElementTree.fromstring('<field name="x_new_1"/>')]
    >>> arch = ElementTree.fromstring(build_inheritance(form, [("after:phone", new), ("page:gone", new)], "Further"))
    >>> [(spec.get("position"), spec[0].tag) for spec in arch]
    [('after', 'field'), ('inside', 'page')]
    """
    data = Element("data")
    tab: List[Element] = []
    for code, nodes in fields:
        found = _find(form, code) if code != TAB else []
        if not found:
            tab += nodes
        for number in range(1, len(found) + 1):
            position = "after" if code.startswith("after:") else "inside"
            spec = SubElement(data, "xpath", expr=f"({_expression(code)})[{number}]", position=position)
            parent = spec if position == "after" else SubElement(spec, "group")
            parent.extend(_copy(nodes))
    if tab:
        _add_tab(form, data, tab, title)
    return ElementTree.tostring(data, encoding="unicode")


def _add_tab(form: Element, data: Element, nodes: List[Element], title: str) -> None:
    """Put nodes on the tab of their own; a form without tabs gets them at its end."""
    if _find(form, TAB):
        spec = SubElement(data, "xpath", expr=f"({_expression(TAB)})[1]", position="inside")
        spec = SubElement(spec, "page", name=PAGE, string=title)
    else:
        root = "//sheet" if form.find(".//sheet") is not None else "/form"
        spec = SubElement(data, "xpath", expr=root, position="inside")
    SubElement(spec, "group", name=PAGE).extend(_copy(nodes))


def _copy(nodes: List[Element]) -> List[Element]:
    return [ElementTree.fromstring(ElementTree.tostring(node)) for node in nodes]
