from . import test_cockpit, test_cockpit_maven
