"""Speaks Square's protocol: signed webhooks in, REST out."""


class SquareConnector:
    network = "square"
    label = "Square"
    text_limit = 500
