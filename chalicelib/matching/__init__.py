"""User requests and a postcode's products → matches, each with its reasons."""
