from . import bulk_create
