# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many documents in one go: the same records as one by one, without the chatter around each of them.

Public methods of the suite work in bulk as soon as they get more than one record::

    with bulk_work(orders) as orders:
        super(SaleOrder, orders).action_confirm()

In bulk there is no field tracking and no composed message; a plain note per document takes their place.
Followers are added in one go at the end. Look-ups that cannot change within the batch are remembered in the
context, so that they die with it.

A single record keeps its full chatter: a person works on it. With :func:`remembering` its look-ups are remembered, too.
"""

from contextlib import contextmanager

_CONTEXT = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_automation_skip": True,
}
_MEMO = "crm_bulk_memo"


class _Memo(dict):
    """Only this file makes one: a context that came over RPC holds a plain dict, which counts for nothing.

    Each equals only itself: Odoo takes environments of equal contexts for the same.
    """

    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__

    def __init__(self, bulk=True):
        super().__init__()
        self.bulk = bulk


@contextmanager
def bulk_work(records, always=False):
    """Yield ``records`` ready for bulk work; a single record keeps its full chatter, a person works on it.

    Inside other bulk work this changes nothing: the outermost block finishes it.

    :param always: work in bulk whatever the number of records
    """
    if is_bulk(records) or len(records) <= 1 and not always:
        yield records
        return
    records = records.with_context(**_CONTEXT, **{_MEMO: _Memo()})
    yield records
    records.env["mail.followers"]._insert_waiting()


def remembering(records):
    """``records`` in an environment that remembers look-ups, and is left again before any of it could change.

    Nothing may be returned in this environment.
    """
    return records if is_remembering(records) else records.with_context(**{_MEMO: _Memo(bulk=False)})


def _find_memo(records):
    memo = records.env.context.get(_MEMO)
    return memo if isinstance(memo, _Memo) else None


def is_bulk(records):
    memo = _find_memo(records)
    return memo is not None and memo.bulk


def is_remembering(records):
    """Whether look-ups are remembered: in bulk, and in :func:`remembering`."""
    return _find_memo(records) is not None


def get_memo(records, name):
    """A dict that lives as long as the work ``records`` is part of; None where nothing is remembered."""
    memo = _find_memo(records)
    return None if memo is None else memo.setdefault(name, {})


def post_notes(records, bodies):
    """One internal note per record, in one go.

    :param bodies: one HTML body per record
    """
    author = records.env.user.partner_id
    note = records.env.ref("mail.mt_note")
    records.env["mail.message"].sudo().create(
        [
            {
                "model": record._name,
                "res_id": record.id,
                "record_name": record.display_name,
                "body": body,
                "message_type": "notification",
                "subtype_id": note.id,
                "author_id": author.id,
                "email_from": author.email_formatted,
                "reply_to": author.email_formatted,
            }
            for record, body in zip(records, bodies)
        ]
    )
