"""What each channel delivers, built in plain Python from AWS's pages.

It shares nothing with the adapters in JSONata (`channels.envelope`): `verify` compares what both sides deliver, and an error must
not be made twice.
"""
