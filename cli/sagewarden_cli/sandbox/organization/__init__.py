"""An organisation: its accounts, their regions, and who may enter them."""
