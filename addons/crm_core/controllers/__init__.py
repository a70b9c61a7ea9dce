from . import intake, mail, pwa, queue_job, visitor, wecom
