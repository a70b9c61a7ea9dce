from . import pwa
from . import mail
