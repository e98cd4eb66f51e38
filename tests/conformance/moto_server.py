"""moto as this project's tests need it: with lifecycle actions, and with ListContainerInstances that filters.

usage: moto_server.py (serves on a free port of 127.0.0.1, prints its URL as the first line). Beside AWS's calls it answers:
POST /_test/actions {group, hook, instance, token} opens a lifecycle action
GET  /_test/actions every action: open or not, and its calls as [{call, token, caller, result, at}]
"""

import json
import re
import sys
import threading
import time

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult
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
        return EmptyResult()

    def find(self, group, hook, instance, token):
        for action in self.all:
            same_instance = token == action["token"] if token else instance == action["instance"]
            if (group, hook) == (action["group"], action["hook"]) and same_instance:
                return action
        return None


ACTIONS = Actions()


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


def mend_moto():
    AutoScalingResponse.complete_lifecycle_action = lambda self: ACTIONS.answer("CompleteLifecycleAction", self)
    AutoScalingResponse.record_lifecycle_action_heartbeat = lambda self: ACTIONS.answer("RecordLifecycleActionHeartbeat", self)
    EC2ContainerServiceResponse.list_container_instances = list_container_instances


def with_side_channel(app):
    def answer(environ, start_response):
        if environ["PATH_INFO"] != "/_test/actions":
            return app(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            ACTIONS.open(**json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
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
