from . import test_bi_measure
