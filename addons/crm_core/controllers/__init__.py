from . import pwa
