"""What an operator does to a deployed stage: look at it, work off its dead letters, back it up, answer a shopper.

Every command takes a stage's name: ``local`` is the stack of ``make run``, any other is found with the operator's own
AWS credentials and region.
"""
