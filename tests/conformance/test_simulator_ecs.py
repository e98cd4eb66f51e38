"""boto3 against ECS of `lifehook simulate`: every operation it offers, tasks on EC2 and on Fargate, errors."""

import pytest

import aws
from calls import uncalled
from processes import eventually


WEB = {"family": "web", "containerDefinitions": [{"name": "web", "image": "web", "memory": 128}]}


def visit_tasks(ecs, arn):
    task = ecs.start_task(cluster="visited", taskDefinition="web", containerInstances=[arn])["tasks"][0]["taskArn"]
    assert task in ecs.list_tasks(cluster="visited", containerInstance=arn)["taskArns"]
    assert ecs.run_task(cluster="visited", taskDefinition="web", count=1)["failures"] == []
    described = ecs.describe_tasks(cluster="visited", tasks=[task, "arn:aws:ecs:eu-west-1:111122223333:task/visited/none"])
    assert described["tasks"][0]["containerInstanceArn"] == arn
    assert described["tasks"][0]["createdAt"].year > 2000
    assert described["failures"][0]["reason"] == "MISSING"
    ecs.create_service(cluster="visited", serviceName="web", taskDefinition="web", desiredCount=1)
    ecs.update_service(cluster="visited", service="web", desiredCount=2)
    assert ecs.list_services(cluster="visited")["serviceArns"]
    assert ecs.describe_services(cluster="visited", services=["web"])["services"][0]["desiredCount"] == 2
    served = eventually(lambda: ecs.list_tasks(cluster="visited", serviceName="web")["taskArns"], what="service tasks")
    ecs.update_task_protection(cluster="visited", tasks=served[:1], protectionEnabled=True)
    protected = ecs.get_task_protection(cluster="visited", tasks=served[:1])["protectedTasks"]
    assert protected[0]["protectionEnabled"] is True
    assert ecs.stop_task(cluster="visited", task=task, reason="visit")["task"]["desiredStatus"] == "STOPPED"
    ecs.delete_service(cluster="visited", service="web", force=True)


def test_every_operation_answers_in_a_shape_botocore_parses(simulator):
    ecs = simulator.aws.ecs
    ecs.create_cluster(clusterName="visited")
    assert ecs.list_clusters()["clusterArns"][0].endswith("cluster/visited")
    assert ecs.describe_clusters(clusters=["visited"])["clusters"][0]["status"] == "ACTIVE"
    assert ecs.describe_clusters(clusters=["nowhere"])["failures"][0]["reason"] == "MISSING"
    ecs.register_task_definition(**WEB)
    (container,) = ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]["containerDefinitions"]
    assert (container["name"], container["essential"]) == ("web", True)
    instance = "i-0123456789abcdef0"
    registered = ecs.register_container_instance(
        cluster="visited", instanceIdentityDocument=aws.identity_document(instance)
    )
    arn = registered["containerInstance"]["containerInstanceArn"]
    found = ecs.list_container_instances(cluster="visited", filter=f"ec2InstanceId == {instance}")
    assert found["containerInstanceArns"] == [arn]
    found = ecs.list_container_instances(cluster="visited", filter="ec2InstanceId == i-00000000000000000")
    assert found["containerInstanceArns"] == []
    visit_tasks(ecs, arn)
    drained = ecs.update_container_instances_state(cluster="visited", containerInstances=[arn], status="DRAINING")
    assert drained["containerInstances"][0]["status"] == "DRAINING"
    (described,) = ecs.describe_container_instances(cluster="visited", containerInstances=[arn])["containerInstances"]
    assert (described["ec2InstanceId"], described["agentConnected"]) == (instance, True)
    assert ecs.list_container_instances(cluster="visited", status="DRAINING")["containerInstanceArns"] == [arn]
    ecs.deregister_container_instance(cluster="visited", containerInstance=arn, force=True)
    ecs.delete_cluster(cluster="visited")

    assert uncalled(simulator, "ecs") == set()


def test_errors_are_botocores_exception_classes(simulator):
    ecs = simulator.aws.ecs

    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        ecs.list_container_instances(cluster="nowhere")
    ecs.create_cluster(clusterName="prod")
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.stop_task(cluster="prod", task="nothing")
    with pytest.raises(ecs.exceptions.ServiceNotFoundException):
        ecs.update_service(cluster="prod", service="nothing", desiredCount=1)


REPORT = {
    "family": "report",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [
        {"name": "main", "image": "main:1", "essential": True},
        {"name": "log", "image": "log:1", "essential": False},
    ],
}
SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]


def test_a_task_on_fargate_answers_in_a_shape_botocore_parses(quick):
    ecs = quick.aws.ecs
    ecs.create_cluster(clusterName="prod", capacityProviders=["FARGATE", "FARGATE_SPOT"])
    ecs.register_task_definition(**REPORT)
    described = ecs.describe_task_definition(taskDefinition="report")["taskDefinition"]
    assert [each["essential"] for each in described["containerDefinitions"]] == [True, False]
    order = dict(
        cluster="prod",
        taskDefinition="report",
        capacityProviderStrategy=SPOT,
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}},
        clientToken="once",
        startedBy="visit",
        tags=[{"key": "k", "value": "v"}],
        enableExecuteCommand=True,
    )

    arn = ecs.run_task(**order)["tasks"][0]["taskArn"]
    assert ecs.run_task(**order)["tasks"][0]["taskArn"] == arn
    with pytest.raises(ecs.exceptions.ConflictException) as conflict:
        ecs.run_task(**order | {"startedBy": "other"})
    assert conflict.value.response["resourceIds"] == [arn]

    def task():
        return ecs.describe_tasks(cluster="prod", tasks=[arn], include=["TAGS"])["tasks"][0]

    eventually(lambda: task()["lastStatus"] == "RUNNING", what="the task")
    running = task()
    assert (running["launchType"], running["capacityProviderName"]) == ("FARGATE", "FARGATE_SPOT")
    assert running["tags"] == [{"key": "k", "value": "v"}]
    details = {each["name"]: each["value"] for each in running["attachments"][0]["details"]}
    assert details["subnetId"] == "subnet-1"
    assert details["networkInterfaceId"].startswith("eni-0")
    ecs.stop_task(cluster="prod", task=arn, reason="enough")
    eventually(lambda: task()["lastStatus"] == "STOPPED", what="its end")
    assert [each["exitCode"] for each in task()["containers"]] == [143, 143]
    assert (task()["stopCode"], task()["stoppedReason"]) == ("UserInitiated", "enough")
