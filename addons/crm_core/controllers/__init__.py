from . import intake, mail, pwa
