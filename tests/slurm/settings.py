"""The settings of the private Slurm, as texts with its host, folder and ports to fill in."""

from pathlib import Path

MEMORY = Path("/sys/fs/cgroup/memory")
PORTS = {"mariadb": 16806, "slurmctld": 16817, "slurmdbd": 16819}

CGROUP_CONF = f"""\
CgroupPlugin=cgroup/v1
CgroupMountpoint={MEMORY.parent}
CgroupAutomount=no
ConstrainRAMSpace=yes
ConstrainSwapSpace=no
ConstrainCores=no
"""

# Short times: a dead node is noticed in 10 s, a killed job is gone in 5.
SLURM_CONF = """\
# The private Slurm of Diffusion's tests
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={state}/munge/socket
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldPort={slurmctld}
SlurmctldPidFile={state}/slurmctld.pid
SlurmdPidFile={state}/slurmd-%n.pid
SlurmctldLogFile={state}/log/slurmctld.log
SlurmdLogFile={state}/log/slurmd-%n.log
StateSaveLocation={state}/state
SlurmdSpoolDir={state}/spool-%n
MpiDefault=none
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=2,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory,CR_LLN
MinJobAge=300
KillWait=5
OverTimeLimit=0
SlurmdTimeout=10
ReturnToService=2
ProctrackType=proctrack/cgroup
TaskPlugin=task/cgroup
JobAcctGatherType=jobacct_gather/cgroup
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={slurmdbd}
AccountingStoreFlags=job_comment
AccountingStoragePass={state}/munge/socket
NodeName=n[1-2] NodeHostname={host} NodeAddr=127.0.0.1 Port=[16821-16822] CPUs=4 RealMemory=8000
PartitionName=main Nodes=ALL Default=YES DefaultTime=10 MaxTime=1440 State=UP
"""
MARK = SLURM_CONF.partition("\n")[0]

SLURMDBD_CONF = """\
DbdHost={host}
DbdAddr=127.0.0.1
DbdPort={slurmdbd}
AuthType=auth/munge
AuthInfo=socket={state}/munge/socket
SlurmUser=root
PidFile={state}/slurmdbd.pid
LogFile={state}/log/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={mariadb}
StorageUser=slurm
StoragePass={password}
StorageLoc=slurm
"""
