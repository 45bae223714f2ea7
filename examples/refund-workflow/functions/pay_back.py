"""Sends the money; the bank is busy the first time."""

asked = 0


class BankIsBusy(Exception):
    pass


def handler(event, context):
    global asked
    asked += 1
    if asked == 1:
        raise BankIsBusy("try again in a minute")
    return {"receipt": f"R-{event['order_id']}-{event['cents']}"}
