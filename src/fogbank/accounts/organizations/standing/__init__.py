"""Whether accounts are served: suspended, restored, closed; and what follows."""
