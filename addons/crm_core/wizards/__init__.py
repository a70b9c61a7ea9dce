from . import (
    crm_assignment_wizard,
)
