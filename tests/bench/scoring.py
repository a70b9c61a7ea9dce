#!/usr/bin/env python3
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Lead scoring: the suite's model beside Odoo's own naive Bayes, on the same folds of the same leads.

Without arguments: 5 folds, stratified and seeded, of x-education-leads.csv in the folder of real data. With ``--train``
and ``--test``: trained on one file, tested on the other, which may lack columns and have values never seen. The suite is
trained by the very function its weekly job calls (``engine.score.training.train``); Odoo learns and predicts by its own
code in a database (scoring_odoo.py). What was filled in after the sale is kept from both (scoring_file.py).
"""

import argparse
import json
import sys
import time
from pathlib import Path

import odoo
from odoo import SUPERUSER_ID, api

sys.path.insert(0, str(Path(__file__).resolve().parent))

from scoring_file import LEFT_OUT, FileProblem, Leads, take
from scoring_odoo import OdooScoring
from sklearn.model_selection import StratifiedKFold

NEEDS = ["suite", "plain"]
FILE = "x-education-leads.csv"
SEED = 14
FOLDS = 5
SHOWN = 10


def get_splits(options):
    """(known table, outcomes, unknown table, outcomes) of each fold, and the columns left out."""
    if options.train or options.test:
        if not (options.train and options.test):
            raise FileProblem("--train and --test go together")
        known, unknown = Leads(options.train), Leads(options.test)
        numeric = known.numeric()
        return [(known.table(numeric), known.truth, unknown.table(numeric), unknown.truth)], known.left_out
    path = Path(options.data or "") / FILE
    if not path.is_file():
        raise FileProblem("There is no %s: name files with --train and --test" % path)
    leads = Leads(path)
    table = leads.table(leads.numeric())
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(leads.truth, leads.truth)
    splits = [
        (take(table, learn), [leads.truth[row] for row in learn], take(table, test), [leads.truth[row] for row in test])
        for learn, test in folds
    ]
    return splits, leads.left_out


def run_suite(splits):
    """(probabilities, model) of each split."""
    from odoo.addons.crm_core.engine.score import training

    results = []
    for known, truth, unknown, _outcome in splits:
        model = training.train(known, truth)
        results.append((model.predict(unknown), model))
    return results


def run_odoo(database, splits):
    """Probabilities of each split by Odoo; nothing stays in its database."""
    names = list(dict.fromkeys(name for known, _truth, unknown, _outcome in splits for name in (*known, *unknown)))
    with api.Environment.manage(), odoo.registry(database).cursor() as cr:
        peer = OdooScoring(api.Environment(cr, SUPERUSER_ID, {}), names)
        results = [peer.predict(known, truth, unknown) for known, truth, unknown, _outcome in splits]
        cr.rollback()
    return results


def get_figures(splits, suite, plain):
    from odoo.addons.crm_core.engine.score import auc, brier

    def mean(measure, results):
        return sum(measure(split[3], result) for split, result in zip(splits, results)) / len(splits)

    suite = [predicted for predicted, _model in suite]
    return {
        "auc_suite": round(mean(auc, suite), 4),
        "auc_odoo": round(mean(auc, plain), 4),
        "brier_suite": round(mean(brier, suite), 4),
        "brier_odoo": round(mean(brier, plain), 4),
        "n_train": len(splits[0][1]),
        "n_test": sum(len(split[3]) for split in splits),
    }


def show_reasons(database, split, model):
    """Ten leads, from the least to the most likely, with their reasons as the suite words them on a lead."""
    unknown, outcome = split[2], split[3]
    explained = model.explain(unknown)
    order = sorted(range(len(outcome)), key=lambda row: explained[row][0])
    with api.Environment.manage(), odoo.registry(database).cursor() as cr:
        leads = api.Environment(cr, SUPERUSER_ID, {})["crm.lead"]
        for number in range(SHOWN):
            row = order[(2 * number + 1) * len(order) // (2 * SHOWN)]
            chance, reasons = explained[row]
            print("\n%.0f %% (%s)" % (100 * chance, "won" if outcome[row] else "not won"))
            for reason in reasons:
                name = {(reason.feature, reason.value): show(reason.value)}
                print("   ", leads._get_reason_text(("model", *reason), {reason.feature: reason.feature}, name, {}))


def show(value):
    return "{:,.4g}".format(value) if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", required=True, help="Odoo's configuration file")
    parser.add_argument("--db", required=True, help="database with the suite")
    parser.add_argument("--plain-db", required=True, help="database with the same Odoo modules without the suite")
    parser.add_argument("--data", help="folder of real data")
    parser.add_argument("--train", help="CSV of decided leads to learn from")
    parser.add_argument("--test", help="CSV of decided leads to predict")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    odoo.tools.config.parse_config(["-c", options.config, "--log-level=warn"])
    try:
        splits, left_out = get_splits(options)
    except (FileProblem, OSError) as problem:
        sys.exit("scoring: %s" % problem)
    start = time.perf_counter()
    suite = run_suite(splits)
    trained = time.perf_counter()
    plain = run_odoo(options.plain_db, splits)
    figures = get_figures(splits, suite, plain)
    if options.json:
        print(json.dumps(figures))
        return
    print("Left out, as it was filled in after the sale or identifies the lead:")
    for name in left_out:
        print("  %s: %s" % (name, LEFT_OUT.get(name, "as above")))
    print("\nThe suite trained and predicted in %.0f s, Odoo in %.0f s." % (trained - start, time.perf_counter() - trained))
    for name, figure in figures.items():
        print(name, figure, "leads" if name.startswith("n_") else "")
    show_reasons(options.db, splits[0], suite[0][1])


if __name__ == "__main__":
    main()
