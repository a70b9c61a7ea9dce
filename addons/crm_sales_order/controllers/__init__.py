from . import dealer, dealer_api, dealer_report, portal
from . import contract, portal
