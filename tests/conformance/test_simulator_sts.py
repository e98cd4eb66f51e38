"""boto3 against STS of `lifehook simulate`."""

from calls import uncalled


def test_every_operation_answers_in_a_shape_botocore_parses(simulator):
    sts = simulator.aws.sts
    assert sts.get_caller_identity()["Account"] == "111122223333"
    role = dict(RoleArn="arn:aws:iam::111122223333:role/worker", RoleSessionName="visit")
    assert sts.assume_role(**role)["Credentials"]["SessionToken"]
    assert sts.assume_role_with_web_identity(**role, WebIdentityToken="token")["Credentials"]["Expiration"].year > 2000
    assert uncalled(simulator, "sts") == set()
