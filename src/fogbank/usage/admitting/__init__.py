"""Admitting: what is known of nodes is kept beside the store, and each message is judged by it before it is stored."""
