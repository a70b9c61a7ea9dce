# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Documents on paper: what stands on them (document.py), how amounts are written in words (amount.py)."""
