"""From files as they came to typed landing files and rows with a reason."""
