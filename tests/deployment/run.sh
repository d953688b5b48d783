#!/usr/bin/env bash
# Conda and SLURM, both made on this machine, and the workflow on them. $1: the virtual environment.
# What cannot be installed here is said in one line, and its tests are skipped.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$1/bin

lacks() { ! PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null; }

"$bin/python" -m pip install --quiet --requirement tests/deployment/requirements.lock
if lacks slurmctld || lacks munged || lacks qsub; then
  if [ "$(id -u)" != 0 ]; then
    echo "SLURM is not installed and this user may not install it: its tests are skipped" >&2
  elif ! command -v apt-get >/dev/null; then
    echo "SLURM is not installed and there is no apt-get: its tests are skipped" >&2
  else
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends munge slurm-wlm slurm-wlm-torque
  fi
fi
exec "$bin/python" -m pytest --numprocesses 2 --dist loadfile -m deployment tests/deployment
