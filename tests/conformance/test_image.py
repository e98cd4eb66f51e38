"""What is shipped, run as it will be: the image's user, libraries and read-only root, and the task of deploy/task-definition.json."""

import json
import pathlib
import re
import subprocess

import pytest

import image
import processes
from processes import ROOT, eventually
from simulator import Fleet

EXAMPLE = ROOT / "deploy/examples/ecs-drain-on-scale-in.yaml"
OF_EVERY_DEBIAN = {"libc6", "libgcc-s1", "libstdc++6"}  # bookworm-slim has them


@pytest.fixture(scope="session", autouse=True)
def built():
    made = ROOT / "build/lib/lifehook"
    if (made / "no_source").exists() and not (made / "libcurl.so.4").exists():
        pytest.skip("no source of libcurl is to be had here: build/lib/lifehook/made.txt says why")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return image.Image(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    return image.Image(tmp_path_factory.mktemp("whole"), "whole")


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def libraries_of(binary):
    needed = set(re.findall(r"NEEDED.*\[(.+)\]", output_of("readelf", "-d", binary)))
    named = re.findall(r"(\S+) => (\S+)", output_of("ldd", binary))
    return {pathlib.Path(path).resolve() for name, path in named if name in needed}


def packages_of(libraries):
    """Debian knows a file by the path it was installed to, with or without the /usr of a merged system."""
    plain = [str(path).removeprefix("/usr") for path in libraries]
    asked = subprocess.run(["dpkg-query", "-S", *plain, *("/usr" + path for path in plain)], capture_output=True, text=True)
    owners = {path: package for package, path in re.findall(r"^([^:\s]+)\S* (?:/usr)?(/lib/.+)$", asked.stdout, re.MULTILINE)}
    assert set(plain) <= set(owners), "no package has it"
    return {owners[path] for path in plain}


def test_the_image_has_exactly_the_libraries_the_binary_is_linked_to(made):
    linked = libraries_of(made.binary)
    own = {path for path in linked if path.is_relative_to(made.files.resolve())}
    of_debian = {*linked - own, *(each for library in own for each in libraries_of(library))}

    assert {path.name for path in own} == {path.name for path in made.files.glob("usr/local/lib/lifehook/*.so*")}
    assert set(image.packages()) - {"ca-certificates"} == packages_of(of_debian) - OF_EVERY_DEBIAN


def test_libcurl_brings_what_speaks_tls_and_no_other_protocol(made):
    (curl,) = made.files.glob("usr/local/lib/lifehook/libcurl.so.*")

    assert {path.name for path in libraries_of(curl)} == {"libssl.so.3", "libcrypto.so.3", "libc.so.6"}
    assert "curl" in made.run("cat", "/usr/local/share/doc/libcurl/copyright").stdout


def test_the_binary_runs_in_the_image(made):
    assert made.run("lifehook", "version").stdout == processes.lifehook("version").stdout


def test_the_whole_program_runs_in_the_image_that_is_made_of_it(whole):
    assert whole.run("lifehook", "simulate", "--help").stdout == processes.lifehook("simulate", "--help").stdout


def test_the_image_has_no_simulator_and_names_the_one_that_has(made):
    asked = made.run("lifehook", "simulate")
    (target,) = re.findall(r"--target (\w+)", asked.stderr)

    assert asked.returncode == 2
    assert image.program(target) == processes.BUILT / "lifehook"


def test_the_image_is_entered_as_its_user_and_cannot_be_written(made):
    assert made.run("id", "-u").stdout.strip() + ":" + made.run("id", "-g").stdout.strip() == "65532:65532"
    assert "Read-only file system" in made.run("touch", "/tmp/x").stderr


def test_the_image_has_the_certificates_to_speak_to_aws_with(made):
    assert made.run("test", "-s", "/etc/ssl/certs/ca-certificates.crt").returncode == 0


def test_the_c_library_of_the_image_takes_what_the_image_tells_it(made):
    (loader,) = re.findall(r"interpreter: (\S+)\]", output_of("readelf", "-l", made.binary))
    taken = dict(re.findall(r"^(\S+): (\S+)", made.run(loader, "--list-tunables").stdout, re.MULTILINE))

    for tunable in image.environment()["GLIBC_TUNABLES"].split(":"):
        name, value = tunable.split("=")
        assert int(taken[name], 0) == int(value)


def test_the_image_takes_its_configuration_from_a_file_by_default(made):
    (default,) = map(json.loads, image.said("CMD"))
    path = made.files / default[-1].lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_text(EXAMPLE.read_text())

    checked = made.run("lifehook", "check", *default[1:], QUEUE_URL="https://sqs.eu-west-1.amazonaws.com/111122223333/life")

    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_task_of_the_task_definition_drains_says_it_is_healthy_and_stops_in_time(made, simulator):
    fleet, port, task = Fleet(simulator), processes.free_port(), image.container()
    environment = {each["name"]: each["value"] for each in task["environment"]} | {
        task["secrets"][0]["name"]: EXAMPLE.read_text() + f'status: {{listen: "127.0.0.1:{port}"}}\n',
        "QUEUE_URL": fleet.queue,
        "AWS_REGION": processes.REGION,
        "AWS_ENDPOINT_URL": simulator.url,
        "AWS_ACCESS_KEY_ID": "AKIDTASK",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    healthy = [*task["healthCheck"]["command"][1:], str(port)]

    with processes.Process(made.command(*task["entryPoint"], *task["command"], **environment)) as worker:
        eventually(lambda: made.run(*healthy).returncode == 0, 30, every=0.5, what="the task healthy")
        instance = fleet.instances()[0]
        fleet.end(instance)
        eventually(lambda: fleet.gone(instance), 30, what="the hook completed")
        worker.terminate()
        assert worker.exit_code(within=task["stopTimeout"]) == 0

    assert made.run(*healthy).returncode != 0
