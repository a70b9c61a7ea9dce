from . import intake, mail, pwa, queue_job
from . import mail, pwa, visitor, wecom
