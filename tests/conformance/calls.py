"""Calls by boto3: which ones the simulator offers, which of them a test has not made, and what a refused one raises."""

import re

import boto3
import pytest
from botocore.exceptions import ClientError

from processes import REGION, ROOT


FILES = {"events": "eventbridge"}


def offered(service):
    """Names of operations, as the header of the simulator's service lists them."""
    text = (ROOT / f"simulator/{FILES.get(service, service)}.h").read_text().replace("\n//", "")
    listing = re.search(r"Actions:(.*?)\nclass", text, re.DOTALL)[1]
    listing = re.sub(r"(\w+)\(Batch\)", r"\1, \1Batch", listing)
    names = set(re.findall(r"[A-Z]\w+", re.sub(r"\(.*?\)", "", listing)))
    assert names, f"nothing is listed for {service}"
    assert names <= set(boto3.client(service, region_name=REGION).meta.service_model.operation_names)
    return names


def uncalled(simulator, service):
    """Operations that are offered, and that nobody has called yet."""
    prefix = {"elbv2": "elasticloadbalancing"}.get(service, service)
    calls = simulator.calls()
    return {name for name in offered(service) if f"{prefix}.{name}" not in calls}


def refusal(call, **arguments):
    """What botocore raises."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value


def error_of(call, **arguments):
    return refusal(call, **arguments).response["Error"]


def code_of(call, **arguments):
    return error_of(call, **arguments)["Code"]
