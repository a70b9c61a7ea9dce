from . import test_lead_to_payment
from . import test_bulk
