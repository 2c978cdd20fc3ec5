"""A Ray cluster of two machines with one processor each, both of them on this one, until stdin is closed.

Prints one line of JSON: the addresses, and the process that is the second machine. All that it starts has
RAY_TMPDIR in its environment.
"""

import json
import os
import socket
import sys

PORTS = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
MACHINE = {
    "num_cpus": 1,
    "object_store_memory": 80 << 20,
    "include_log_monitor": False,
    "no_monitor": True,
    "wait": False,
}
# A machine that is killed is missed after 3 seconds instead of 15; who connects has a process started, which
# on a busy machine takes longer than the usual 30.
PATIENCE = {
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "120",
}
# No process is started before it is needed, and nothing is measured of a cluster that lives for a minute.
FRUGAL = {
    "RAY_enable_worker_prestart": "0",
    "RAY_prestart_worker_first_driver": "0",
    "RAY_enable_metrics_collection": "0",
}


def ports(*names: str) -> dict[str, int]:
    """Free ones. Ray would take time to choose them itself."""
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    found = {name: server.getsockname()[1] for name, server in zip(names, servers, strict=True)}
    for server in servers:
        server.close()
    return found


def main() -> None:
    os.environ |= PATIENCE | FRUGAL | {"RAY_USAGE_STATS_ENABLED": "0"}
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    client = ports("ray_client_server_port")
    cluster.add_node(include_dashboard=False, **MACHINE, **ports(*PORTS), **client)
    second = cluster.add_node(**MACHINE, **ports(*PORTS))
    host = cluster.address.partition(":")[0]
    print(
        json.dumps(
            {
                "direct": cluster.address,
                "client": f"ray://{host}:{client['ray_client_server_port']}",
                "second": second.all_processes["raylet"][0].process.pid,
            }
        ),
        flush=True,
    )
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    main()
