# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What vendors' interfaces ask for: which call comes next and what an answer means. Nothing here opens a connection.

Every client gets a :data:`~.calls.Fetch` that sends one :class:`~.calls.Call` and returns the JSON object answered.
"""
