#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the map contents of the examples as JSON, for nfp-bpf-run --maps.

    make-maps.py DIRECTORY      writes NAME.json for every example with maps

A file holds one object: by map name a list of entries, key and value in
hexadecimal as they stand in memory. The files beside this script are its output;
change the tables below to try other configurations.
"""

import ipaddress
import json
import os
import struct
import sys

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58

# The network of the examples: service addresses and clients are from ranges set
# aside for documentation and benchmarks.
SERVICE_V4 = "10.200.1.1"
SERVICE_V6 = "2001:db8:ff::1"
GATEWAY_MAC = bytes.fromhex("02005e100001")


def address(text):
    """Either kind in 16 bytes; IPv4 in the first four."""
    return ipaddress.ip_address(text).packed.ljust(16, b"\0")


def entry(key, value):
    return {"key": key.hex(), "value": value.hex()}


def u32(*numbers):
    return struct.pack(f"<{len(numbers)}I", *numbers)


def service_key(host, port, protocol):
    version = ipaddress.ip_address(host).version
    return address(host) + struct.pack(">HBB", port, protocol, version)


def firewall():
    def rule(host, port, protocol, verdict):
        return entry(service_key(host, port, protocol), u32(verdict))

    drop, accept = 1, 0
    return {
        "denied_sources": [entry(address(a), u32(1))
                           for a in ("198.51.100.66", "2001:db8:bad::66")],
        "rules": [
            # No telnet to anyone, but to the service.
            rule("0.0.0.0", 23, TCP, drop),
            rule("::", 23, TCP, drop),
            rule(SERVICE_V4, 23, TCP, accept),
            # The service has no DNS.
            rule(SERVICE_V4, 53, UDP, drop),
            rule(SERVICE_V6, 53, UDP, drop),
        ],
    }


def iptunnel():
    def tunnel(host, local, remote):
        key = address(host) + u32(ipaddress.ip_address(host).version)
        value = address(local) + address(remote) + GATEWAY_MAC + bytes(2)
        return entry(key, value)

    return {
        "tunnels": [
            tunnel(SERVICE_V4, "192.0.2.1", "192.0.2.50"),
            tunnel(SERVICE_V6, "2001:db8:1::1", "2001:db8:1::50"),
        ]
    }


# Load balancer -------------------------------------------------------------

RING_SIZE = 256
SERVER_V6 = 1

# (address, weight), numbered from 1.
SERVERS = [
    ("192.0.2.101", 1),
    ("192.0.2.102", 1),
    ("192.0.2.103", 2),
    ("192.0.2.104", 1),
    ("2001:db8:1::101", 1),
    ("2001:db8:1::102", 1),
]

# (address, [(port, protocol)], servers); port 0 is every port.
SERVICES = [
    (SERVICE_V4, [(80, TCP), (443, TCP), (443, UDP)], [1, 2, 3, 4]),
    (SERVICE_V4, [(0, TCP), (0, UDP), (0, ICMP)], [1, 2]),
    (SERVICE_V6, [(80, TCP), (443, TCP), (443, UDP)], [3, 5, 6]),
    (SERVICE_V6, [(0, TCP), (0, UDP), (0, ICMPV6)], [5, 6]),
]


def score(server, slot):
    """A 32-bit mix of two small numbers (the final steps of MurmurHash3)."""
    x = (server * 0x9E3779B1 + slot * 0x85EBCA6B) & 0xFFFFFFFF
    x ^= x >> 16
    x = (x * 0x85EBCA6B) & 0xFFFFFFFF
    x ^= x >> 13
    x = (x * 0xC2B2AE35) & 0xFFFFFFFF
    return x ^ x >> 16


def ring(servers):
    """Rendezvous hashing: a slot belongs to the server with the best score for it,
    so that a server that goes takes only its own slots with it. Weight is the
    number of scores a server has."""
    return [max(servers, key=lambda s: max(score(s * 64 + w, slot)
                                           for w in range(SERVERS[s - 1][1])))
            for slot in range(RING_SIZE)]


def loadbalancer():
    services, rings = [], []
    for index, (host, ports, servers) in enumerate(SERVICES):
        for port, protocol in ports:
            services.append(entry(service_key(host, port, protocol),
                                  u32(index, 0)))
        for slot, server in enumerate(ring(servers)):
            rings.append(entry(u32(index * RING_SIZE + slot), u32(server)))
    servers = []
    for number, (host, _) in enumerate(SERVERS, 1):
        flags = SERVER_V6 if ipaddress.ip_address(host).version == 6 else 0
        servers.append(entry(u32(number), address(host) + u32(flags)))
    source_v4 = ipaddress.ip_address("172.16.0.0").packed[:2] + bytes(2)
    source_v6 = ipaddress.ip_address("2001:db8:2::").packed[:12]
    hop = GATEWAY_MAC + bytes(2) + source_v4 + source_v6
    return {
        "services": services,
        "rings": rings,
        "servers": servers,
        "gateway": [entry(u32(0), hop)],
    }


def render(document):
    """JSON with one entry on a line."""
    maps = []
    for name, entries in document.items():
        lines = ",\n".join("    " + json.dumps(e) for e in entries)
        maps.append(f"  {json.dumps(name)}: [\n{lines}\n  ]")
    return "{\n" + ",\n".join(maps) + "\n}\n"


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(sys.argv) == 2 else 2
    for make in (firewall, iptunnel, loadbalancer):
        path = os.path.join(sys.argv[1], make.__name__ + ".json")
        with open(path, "w") as file:
            file.write(render(make()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
