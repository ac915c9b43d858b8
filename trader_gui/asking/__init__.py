"""What is asked before something is stopped, closed, deleted or allowed, and how that is done."""
