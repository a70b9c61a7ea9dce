# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What SQL has to see, and no more."""


def flush_models(env, *names):
    """Compute and write what is pending of these models; what is pending of others waits for the transaction's end.

    ``Model.flush()`` does everybody's: in the middle of a confirmation it computes amounts that change again before it ends.
    """
    for name in names:
        model = env[name]
        model.flush([field.name for field in model._fields.values() if field.store])
