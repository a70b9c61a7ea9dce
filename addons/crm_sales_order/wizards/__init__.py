from . import (
    crm_approval_reason,
)
