from . import followup, intake, mail, pwa, queue_job, visitor, wecom
