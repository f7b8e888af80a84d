pytest_plugins = ["pytest_virq"]
