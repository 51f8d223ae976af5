"""A stage in an AWS account: checked, put there, finished and taken away again by ``make deploy`` and ``make destroy``.

Every step may be repeated: it finds what is there and changes only what differs.
"""
