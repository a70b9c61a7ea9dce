from . import test_bi_measure
from . import test_roles
from . import test_contact_details
from . import test_iap
