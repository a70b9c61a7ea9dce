from . import mail, pwa
