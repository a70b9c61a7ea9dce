# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What ``./erp`` does: set-up, servers, databases, tests, benchmarks. Standard library only, Python 3.11."""
