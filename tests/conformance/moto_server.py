"""moto as this project's tests need it: with lifecycle actions, ListContainerInstances that filters, targets that stay
deregistered, and images as EC2 makes them: a name is taken once, snapshots get their tags, making one takes time and may fail.

usage: moto_server.py (serves on a free port of 127.0.0.1, prints its URL as the first line). Beside AWS's calls it answers:
POST /_test/actions {group, hook, instance, token} opens a lifecycle action
GET  /_test/actions every action: open or not, and its calls as [{call, token, caller, result, at}]
POST /_test/images {seconds, state} what becomes of the next image: pending for so long, then in this state
"""

import json
import os
import re
import sys
import threading
import time

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.amis import AMIS, AmiBackend
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


class Actions:
    """The lifecycle actions the test has opened, and every call made about them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.all = []

    def open(self, group, hook, instance, token):
        with self.lock:
            self.all.append(dict(group=group, hook=hook, instance=instance, token=token, open=True, calls=[]))

    def answer(self, call, asked):
        group, hook = asked._get_param("AutoScalingGroupName"), asked._get_param("LifecycleHookName")
        token, instance = asked._get_param("LifecycleActionToken"), asked._get_param("InstanceId")
        caller = re.search(r"Credential=([^/]+)", asked.headers.get("Authorization", ""))
        with self.lock:
            action = self.find(group, hook, instance, token)
            if action:
                note = dict(call=call, token=token, result=asked._get_param("LifecycleActionResult"), at=time.time())
                action["calls"].append(note | dict(caller=caller and caller[1], accepted=action["open"]))
            if not action or not action["open"]:
                raise AutoscalingClientError(
                    "ValidationError",
                    "No active Lifecycle Action found with " + (f"token {token}" if token else f"instance ID {instance}"),
                )
            action["open"] = call != "CompleteLifecycleAction"
            if not action["open"]:
                let_go(asked.autoscaling_backend, action)
        return EmptyResult()

    def find(self, group, hook, instance, token):
        for action in self.all:
            same_instance = token == action["token"] if token else instance == action["instance"]
            if (group, hook) == (action["group"], action["hook"]) and same_instance:
                return action
        return None


def let_go(backend, action):
    """As Auto Scaling lists an instance whose terminating hook is completed: on its way, not in service any more."""
    hook = backend.lifecycle_hooks[f"{action['group']}_{action['hook']}"]
    if hook.lifecycle_transition == "autoscaling:EC2_INSTANCE_TERMINATING":
        for member in backend.autoscaling_groups[action["group"]].instance_states:
            if member.instance.id == action["instance"]:
                member.lifecycle_state = "Terminating:Proceed"


class Images:
    """What becomes of images, and CreateImage as EC2 answers it."""

    def __init__(self, create):
        self.create, self.next, self.lock = create, {}, threading.Lock()

    def plan(self, seconds, state="available"):
        self.next = dict(seconds=seconds, state=state)

    def make(self, backend, instance_id, name, description, tag_specifications):
        tags = {each["ResourceType"]: each["Tags"] for each in tag_specifications}
        with self.lock:
            self.refuse_taken(backend, name)
            of_image = [{"ResourceType": "image", "Tags": tags.get("image", [])}]
            image = self.create(backend, instance_id, name, description, of_image)
            planned, self.next = self.next, {}
        for tag in tags.get("snapshot", []):
            image.ebs_snapshot.add_tag(tag["Key"], tag["Value"])
        if planned:
            image.state = "pending"
            threading.Timer(planned["seconds"], setattr, (image, "state", planned["state"])).start()
        return image

    def refuse_taken(self, backend, name):
        for image in backend.amis.values():
            if image.name == name and image.owner_id == backend.account_id:
                raise EC2ClientError("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {image.id}")


ACTIONS = Actions()
IMAGES = Images(AmiBackend.create_image)


def list_container_instances(self):
    cluster, wanted = self._get_param("cluster", "default").split("/")[-1], self._get_param("status")
    ids = set(re.findall(r"i-[0-9a-f]+", self._get_param("filter") or ""))
    registered = self.ecs_backend.container_instances.get(cluster, {})
    arns = [
        arn
        for arn in self.ecs_backend.list_container_instances(cluster)
        if (not ids or registered[arn.split("/")[-1]].ec2_instance_id in ids)
        and (not wanted or registered[arn.split("/")[-1]].status == wanted)
    ]
    return ActionResult({"containerInstanceArns": arns})


def update_attached_target_groups(self, group_name):
    """As Auto Scaling does it: an instance is registered once, when it comes, with the target groups there are."""
    group = self.autoscaling_groups[group_name]
    members = {each.instance.id for each in group.instance_states}
    known = vars(group).setdefault("known_targets", {})
    for arn in group.target_group_arns:
        if arn in self.elbv2_backend.target_groups:
            port = self.elbv2_backend.target_groups[arn].port
            comers = [{"Id": each, "Port": port} for each in members - known.get(arn, set())]
            self.elbv2_backend.register_targets(arn, comers)
            known[arn] = known.get(arn, set()) | members


def spare_public_images():
    """moto makes hundreds at every reset, each with a volume and a snapshot, which takes seconds: one is enough."""
    del AMIS[1:]
    os.environ["MOTO_AMIS_PATH"] = "read when moto was imported; from now on it only says: no others"


def mend_moto():
    spare_public_images()
    AutoScalingResponse.complete_lifecycle_action = lambda self: ACTIONS.answer("CompleteLifecycleAction", self)
    AutoScalingResponse.record_lifecycle_action_heartbeat = lambda self: ACTIONS.answer("RecordLifecycleActionHeartbeat", self)
    EC2ContainerServiceResponse.list_container_instances = list_container_instances
    AutoScalingBackend.update_attached_target_groups = update_attached_target_groups
    AmiBackend.create_image = lambda *asked, **more: IMAGES.make(*asked, **more)


def with_side_channel(app):
    posts = {"/_test/actions": ACTIONS.open, "/_test/images": IMAGES.plan}

    def answer(environ, start_response):
        post = posts.get(environ["PATH_INFO"])
        if not post:
            return app(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            post(**json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(ACTIONS.all).encode()]

    return answer


class Quiet(WSGIRequestHandler):
    def log_request(self, code="-", size="-"):
        pass


def main():
    mend_moto()
    app = with_side_channel(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
