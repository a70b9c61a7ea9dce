from . import contract, dealer, dealer_api, dealer_report, portal
