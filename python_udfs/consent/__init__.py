"""Consent: what the strings of consent platforms say."""
