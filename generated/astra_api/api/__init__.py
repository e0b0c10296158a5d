# Generated from spec/astra.yaml by scripts/generate.py. Do not edit.
"""Contains methods for accessing the API"""
