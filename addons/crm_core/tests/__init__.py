from . import test_bi_measure
from . import test_roles
from . import test_contact_details
from . import test_iap
from . import test_import
from . import test_import_maven
from . import test_import_run
from . import test_import_writer
