"""A Korean shop that does not exist, drawn row by row from integers."""
