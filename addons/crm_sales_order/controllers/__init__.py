from . import acceptance, account_statement, contract, dealer, dealer_api, dealer_report, invoice, portal
