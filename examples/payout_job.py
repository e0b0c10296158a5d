"""Pays each row of payouts.csv once, however often it is run.

It needs ASTRA_CLIENT_ID and the other variables, and the file with the columns
payout_id,user,source_id,destination_id,amount. payout_batch.py is the same with a local Astra and an example file.
"""

import csv

from astra import Astra, AstraError

with Astra.from_env(idempotency_store="sqlite:///payments.db") as astra, open("payouts.csv", newline="") as file:
    unpaid = 0
    for row in csv.DictReader(file):
        try:
            routine = astra.user(row["user"]).routines.create(
                type="one-time", name="Payout", payment_type="ach", amount=row["amount"],
                source_id=row["source_id"], destination_id=row["destination_id"], idempotency_key=row["payout_id"],
            )  # fmt: skip
            print(row["payout_id"], "is paid:", routine.id)
        except AstraError as error:
            unpaid += 1
            print(row["payout_id"], "is not known to be paid:", error)
raise SystemExit(1 if unpaid else 0)
