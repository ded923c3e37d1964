"""A training behind the gate, as an Airflow DAG: the task fails unless the verdict is `allow`.

The connection `warroom` has the bot's address as its host and the gate's token as its password. The
variable `warroom_sha256` is what the bot's /client/warroom.pyz.sha256 says. Workers have Python
3.11 or later.

What fails stays failed: the gate isn't tried again, and a task waits for all those before it. One
that runs all the same, by `trigger_rule="all_done"`, asks for itself first. The same report of the
same commit finds its verdict at once.
"""

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

SEES = {
    "WARROOM_PUBLIC_URL": "{{ conn.warroom.host }}",
    "WARROOM_GATE_TOKEN": "{{ conn.warroom.password }}",
    "WARROOM_SHA256": "{{ var.value.warroom_sha256 }}",
    "COMMIT": "{{ params.commit }}",
}
GATE = """
set -eu
curl --fail --silent --show-error --retry 3 --output warroom.pyz \\
  "$WARROOM_PUBLIC_URL/client/warroom.pyz"
echo "$WARROOM_SHA256  warroom.pyz" | sha256sum --check --quiet -
# The commit is whatever somebody has given: what writes JSON puts it there.
python3 -I - <<'END' | python3 -I warroom.pyz gate --file -
import json, os
origin = {"system": "airflow", "repository": "acme/ranker", "commit": os.environ["COMMIT"]}
print(json.dumps({
    "policy": "pii-fine-tuning", "title": "ranker is fine-tuned on customers_eu",
    "initiator": {"email": "ada@acme.test"}, "subject": {"kind": "model", "name": "ranker"},
    "origin": origin, "facts": {"dataset": {"name": "customers_eu"}},
}))
END
"""

with DAG("train_ranker", schedule=None, params={"commit": ""}):
    gate = BashOperator(task_id="gate", bash_command=GATE, env=SEES, append_env=True, retries=0)
    train = BashOperator(task_id="train", bash_command="make train")
    publish = BashOperator(
        task_id="publish",
        bash_command=f"{GATE}\nmake publish\n",
        env=SEES,
        append_env=True,
        trigger_rule="all_done",
    )
    gate >> train >> publish
