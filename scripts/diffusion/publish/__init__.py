"""Publish: objects put over the old ones, verified, noted in manifest.json.

In: checked tables and figures. Out: published objects, and receipts.
Edit this when a table should be published in another layout, or the manifest should contain more.
"""
