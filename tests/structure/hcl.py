"""deploy/terraform as Python values: strings without their quotes, expressions as "${...}", what jsonencode is given as it is."""

import functools

import hcl2

from test_includes import ROOT

MODULE = ROOT / "deploy/terraform"
OPTIONS = hcl2.SerializationOptions(with_comments=False, explicit_blocks=False)
ENCODED = "${jsonencode("


def value(read):
    if isinstance(read, dict):
        return {value(key): value(of) for key, of in read.items()}
    if isinstance(read, list):
        return [value(each) for each in read]
    if not isinstance(read, str):
        return read
    if read.startswith('"'):
        return read[1:-1].replace('\\"', '"')
    if read.startswith(ENCODED):
        return encoded(read[len(ENCODED) : -len(")}")])
    return read


def encoded(expression):
    """Written out, an object or a list is read again; anything else stays an expression."""
    if expression[0] in "{[":
        return value(hcl2.loads(f"it = {expression}\n", serialization_options=OPTIONS))["it"]
    return f"${{jsonencode({expression})}}"


@functools.cache
def module():
    """Every top-level block of its kind, such as all of `resource`, from every file."""
    found = {}
    for path in sorted(MODULE.glob("*.tf")):
        for kind, blocks in value(hcl2.loads(path.read_text(), serialization_options=OPTIONS)).items():
            found.setdefault(kind, []).extend(blocks)
    return found


def named(kind):
    """Of variables and outputs: by name."""
    return {name: of for block in module()[kind] for name, of in block.items()}


def resources(kind="resource"):
    """By address, such as aws_sqs_queue.queue."""
    return {
        f"{sort}.{name}": of for block in module()[kind] for sort, by_name in block.items() for name, of in by_name.items()
    }


def document(name):
    """data.aws_iam_policy_document.NAME as the JSON that the provider makes of it; statements that may be left out too."""
    read = resources("data")[f"aws_iam_policy_document.{name}"]
    perhaps = [each["statement"]["content"][0] for each in read.get("dynamic", [])]
    return {"Version": "2012-10-17", "Statement": [statement(each) for each in [*read["statement"], *perhaps]]}


def statement(read):
    made = {"Effect": read["effect"], "Action": read["actions"]}
    if "sid" in read:
        made["Sid"] = read["sid"]
    if "resources" in read:
        made["Resource"] = read["resources"]
    for each in read.get("principals", []):
        made["Principal"] = "*" if each["type"] == "*" else {each["type"]: each["identifiers"]}
    for each in read.get("condition", []):
        made.setdefault("Condition", {})[each["test"]] = {each["variable"]: each["values"]}
    assert not set(read) - {"effect", "actions", "sid", "resources", "principals", "condition"}
    return made
