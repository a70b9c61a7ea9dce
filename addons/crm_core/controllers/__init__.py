from . import intake, mail, pwa
from . import mail, pwa, queue_job
