"""The treaty: manifest, document, contact, return number, a report opened."""
