"""Stage 1, a shopper's wish: validate it, store it, list it, prove the phone.

``http`` is the transport, ``service`` the rules of the four routes, ``store`` the only module that calls DynamoDB for
user requests.
"""
