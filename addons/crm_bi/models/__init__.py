from . import crm_bi_cockpit
