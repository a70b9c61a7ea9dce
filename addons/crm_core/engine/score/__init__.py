# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Scoring of leads: how likely a lead is to be won, and why.

* :mod:`.rules` — points people give by rule, fading with time
* :mod:`.model` — a trained model as plain data: weights per value, added up; what it says can be read off it
* :mod:`.words` — what texts of a lead tell: job title, kind of e-mail address, kind of telephone
* :mod:`.quality` — how good predictions were: AUC, Brier score, calibration
* :mod:`.training` — makes a model from decided leads; the only part that needs numpy and scikit-learn, imported by
  whoever trains

Scoring itself is plain Python over columns: a few microseconds per value, no dependency.
"""

from .model import Cell, Feature, Pair, Reason, ScoreModel
from .quality import auc, brier, calibration
from .rules import Rule, combine, grade, points
from .words import email_kind, phone_kind, title_kind
