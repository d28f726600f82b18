"""The rules, one noun a file.

A service function takes the session and the actor, never a request; it checks, changes and writes the audit event in
the caller's transaction and never commits. What it needs beyond the tables (keyring, settings) it finds in
``session.info`` through registry.services.context.
"""
