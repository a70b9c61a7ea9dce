from . import controllers, demo, models, tools, wizards
from .hooks import post_init_hook
