"""A stand-in for the payment provider: it declines what is above the limit."""

import os


def charge(customer, amount_cents):
    limit = int(os.environ.get("PAYMENT_LIMIT_CENTS", "500000"))
    return "PAID" if amount_cents <= limit else "DECLINED"
