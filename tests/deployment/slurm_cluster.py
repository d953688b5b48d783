"""A SLURM of two nodes and a pretended GPU each, on the loopback device of this machine.

The daemons are Debian's (packages slurm-wlm, slurm-wlm-torque and munge), all state stands in one
folder, and the commands are found on the PATH as wrappers that know where the cluster's
configuration is: nothing below /etc is written.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
COMMANDS = (
    *("sacct", "sacctmgr", "sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun", "sshare"),
    *("qdel", "qstat", "qsub"),
)
SETTINGS = """ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={port}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
AccountingStorageType=accounting_storage/none
# Memory is looked at each second, and a job over its request is killed.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SchedulerParameters=sched_interval=1,bf_interval=1
# The plugin wants to look at a finished job for three times the wait before its first look.
MinJobAge=3600
SlurmctldTimeout=10
SlurmdTimeout=15
KillWait=2
OverTimeLimit=0
ReturnToService=2
GresTypes=gpu
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=24:00:00 DefMemPerCPU=500 State=UP
PartitionName=gpu Nodes=ALL MaxTime=24:00:00 DefMemPerCPU=500 State=UP
"""
NODE = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=4 "
    "RealMemory=64000 Gres=gpu:1 State=UNKNOWN"
)


@dataclass
class Cluster:
    """Daemons that run, and commands that talk to them.

    Attributes:
        folder: All its state.
        nodes: Their names, which no other cluster on this machine has.
    """

    folder: Path
    nodes: tuple[str, str]
    _daemons: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def bin(self) -> Path:
        """Where its commands are."""
        return self.folder / "bin"

    def start(self) -> None:
        """Starts all daemons and waits until both nodes are idle."""
        for name in ("bin", "state", *(f"spool-{node}" for node in self.nodes)):
            (self.folder / name).mkdir()
        self._write_settings()
        self._write_commands()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(stat.S_IRUSR)
        files = {"socket": "munge.sock", "key-file": "munge.key", "pid-file": "munged.pid"}
        files |= {"log-file": "munged.log", "seed-file": "munged.seed"}
        options = [f"--{name}={self.folder / file}" for name, file in files.items()]
        self._spawn("munged", "--foreground", *options)
        self._wait_for((self.folder / "munge.sock").exists, "munged's socket")
        self._spawn("slurmctld", "-D", "-c")
        for node in self.nodes:
            self.start_node(node)
        self._wait_for(self._all_idle, "two idle nodes")

    def start_node(self, node: str) -> None:
        """Starts the daemon of a node."""
        self._spawn("slurmd", "-D", "-N", node, key=node)

    def kill_node(self, node: str) -> None:
        """Kills the daemon of a node and all that its jobs run, as if its power had failed."""
        steps = self.steps_of(node)
        # What watches over the steps goes first, or it would report how they ended.
        watchers = {parent for parent in map(_parent, steps) if _name(parent) == "slurmstepd"}
        self._daemons.pop(node).kill()
        for pid in [*watchers, *steps]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def steps_of(self, node: str) -> list[int]:
        """Process numbers of all that jobs of a node run."""
        actual = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                variables = path.read_bytes().split(b"\0")
            except OSError:  # it has ended
                continue
            if f"SLURMD_NODENAME={node}".encode() in variables:
                actual.append(int(path.parent.name))
        return actual

    def commands_of(self, node: str) -> str:
        """Command lines of all that jobs of a node run."""
        lines = []
        for pid in self.steps_of(node):
            try:
                lines.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
            except OSError:  # it has ended
                continue
        return "\n".join(lines)

    def resume_node(self, node: str) -> None:
        """Takes a node that was set down back, and waits until it is back.

        A daemon that reports in the meantime brings its node back by itself, and RESUME is then
        refused: only the state that is reached counts.
        """
        self._wait_for(lambda: self._is_up_or_resumed(node), f"node {node} after RESUME")

    def _is_up_or_resumed(self, node: str) -> bool:
        if "DOWN" not in self.call("sinfo", "--noheader", "--nodes", node, "-o", "%T").upper():
            return True
        with suppress(subprocess.CalledProcessError):
            self.call("scontrol", "update", f"NodeName={node}", "State=RESUME")
        return False

    def call(self, command: str, *arguments: str) -> str:
        """Output of one of SLURM's commands."""
        run = subprocess.run(
            [self.bin / command, *arguments], capture_output=True, text=True, check=True
        )
        return run.stdout.strip()

    def stop(self) -> None:
        """Ends all daemons, the last started first."""
        for daemon in reversed(self._daemons.values()):
            daemon.terminate()
        for daemon in self._daemons.values():
            try:
                daemon.wait(timeout=10)
            except subprocess.TimeoutExpired:
                daemon.kill()

    def _spawn(self, program: str, *options: str, key: str = "") -> None:
        actual = shutil.which(program, path=f"/usr/sbin:{os.environ['PATH']}")
        assert actual is not None
        self._daemons[key or program] = subprocess.Popen(
            [actual, *options],
            env={**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")},
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / f"{key or program}.err").open("wb"),
            start_new_session=True,
        )

    def _write_settings(self) -> None:
        host = socket.gethostname().split(".")[0]
        port, *ports = free_ports(1 + len(self.nodes))
        nodes = "\n".join(
            NODE.format(name=name, host=host, port=own)
            for name, own in zip(self.nodes, ports, strict=True)
        )
        (self.folder / "slurm.conf").write_text(
            SETTINGS.format(host=host, folder=self.folder, nodes=nodes, port=port)
        )
        lines = []
        for number, node in enumerate(self.nodes):
            device = self.folder / f"gpu{number}"
            os.mknod(device, stat.S_IFCHR | 0o600, os.makedev(1, 3))  # a second /dev/null
            lines.append(f"NodeName={node} Name=gpu File={device}\n")
        (self.folder / "gres.conf").write_text("".join(lines))
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")

    def _write_commands(self) -> None:
        # A job step starts without SLURM_CONF, so each command brings it.
        for name in COMMANDS:
            command = self.bin / name
            command.write_text(
                f"#!/bin/sh\nSLURM_CONF='{self.folder}/slurm.conf' "
                f"PATH='/usr/bin:/bin' exec /usr/bin/{name} \"$@\"\n"
                if name in ("qsub", "qdel")
                else f"#!/bin/sh\nexport SLURM_CONF='{self.folder}/slurm.conf'\n"
                f'exec /usr/bin/{name} "$@"\n'
            )
            command.chmod(0o755)

    def _all_idle(self) -> bool:
        try:
            return (
                self.call("sinfo", "--noheader", "--partition", "main", "-o", "%t %D") == "idle 2"
            )
        except subprocess.CalledProcessError:
            return False

    def _wait_for(self, ready: object, what: str) -> None:
        assert callable(ready)
        for _ in range(150):
            if ready():
                return
            time.sleep(0.2)
        logs = "\n".join(
            f"{path.name}:\n{path.read_text(errors='replace')[-1500:]}"
            for path in sorted([*self.folder.glob("*.err"), *self.folder.glob("*.log")])
        )
        raise TimeoutError(f"no {what} within 30 s\n{logs}")


def _parent(pid: int) -> int:
    """Process number of a parent; 0 where there is none any more."""
    with suppress(OSError):
        # After the name in parentheses come the state and the parent.
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return ""


def free_ports(number: int) -> list[int]:
    """Ports that nothing on this machine listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [actual.getsockname()[1] for actual in sockets]
    for actual in sockets:
        actual.close()
    return ports


def missing_programs() -> list[str]:
    """What this machine lacks to run such a cluster."""
    path = f"/usr/sbin:{os.environ['PATH']}"
    return [name for name in (*DAEMONS, *COMMANDS) if not shutil.which(name, path=path)]
