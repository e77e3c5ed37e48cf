"""What billing does: keeps price books, charges, tells what is spent, watches credit, and answers the audit."""
