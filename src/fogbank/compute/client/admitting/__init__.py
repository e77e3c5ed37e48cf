"""Admitting: what is known of nodes is kept in a book, and each message is judged by it before anybody believes it.

Usage does so before it stores a reading, and the current picture before it shows one; each has a book of its own.
"""
