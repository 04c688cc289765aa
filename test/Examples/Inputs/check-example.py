# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what an example did to a trace against a plain model of it.

    check-example.py NAME IN.pcap OUT.pcap MAPS.json

OUT.pcap has the passed and sent frames in order, MAPS.json the maps afterwards.
"""

import json
import struct
import sys
from collections import Counter


def frames(path):
    data = open(path, "rb").read()
    at, result = 24, []
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        result.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return result


def traffic(maps, name):
    """Counters of a map: index to (packets, bytes)."""
    return {int.from_bytes(bytes.fromhex(e["key"]), "little"):
            struct.unpack("<QQ", bytes.fromhex(e["value"]))
            for e in maps.get(name, [])}


def require(condition, *what):
    if not condition:
        sys.exit("check-example: " + " ".join(str(w) for w in what))


def checksum_ok(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def tunnelled(before, after):
    """Frames of `after` that are not one of `before`: (outer, inner) of each
    tunnelled one, and the others."""
    left = Counter(before)
    inners = Counter(frame[12:14] + frame[14:] for frame in before)
    pairs, others = [], []
    for frame in after:
        if left[frame] > 0:
            left[frame] -= 1
            continue
        kind = frame[12:14]
        size = 20 if kind == b"\x08\x00" else 40
        outer, inner = frame[14:14 + size], frame[14 + size:]
        inner_kind = b"\x08\x00" if inner[:1] and inner[0] >> 4 == 4 else b"\x86\xdd"
        if inners[inner_kind + inner] == 0:
            others.append(frame)
            continue
        if size == 20:
            require(checksum_ok(outer), "outer checksum", frame.hex())
            length = struct.unpack(">H", outer[2:4])[0] - 20
        else:
            length = struct.unpack(">H", outer[4:6])[0]
        # The inner header's own idea of its length: some frames are cut off.
        own = (struct.unpack(">H", inner[2:4])[0] if inner[0] >> 4 == 4 else
               struct.unpack(">H", inner[4:6])[0] + 40)
        require(length == own, "outer length", frame.hex())
        require(frame[:6] == bytes.fromhex("02005e100001"), "next hop")
        pairs.append((outer, inner))
    return pairs, others


def counter(before, after, maps):
    expected = {}
    for frame in before:
        protocol = 255
        if frame[12:14] == b"\x08\x00" and len(frame) >= 34:
            protocol = frame[23]
        elif frame[12:14] == b"\x86\xdd" and len(frame) >= 54:
            protocol = frame[20]
        packets, size = expected.get(protocol, (0, 0))
        expected[protocol] = packets + 1, size + len(frame)
    require(before == after, "frames differ")
    require(traffic(maps, "protocols") == expected, "counters", expected)


def firewall(before, after, maps):
    reasons = traffic(maps, "reasons")
    dropped = reasons[1][0] + reasons[3][0]
    require(len(before) - len(after) == dropped, "dropped", dropped)
    require(sum(r[0] for r in reasons.values()) == len(before), "packets")
    left = Counter(before)
    left.subtract(after)
    require(min(left.values()) == 0, "changed frames")
    denied = bytes([198, 51, 100, 66])
    for frame in left.elements():
        # Dropped: the denied sources, telnet (23) and the service's DNS (53).
        while frame[12:14] in (b"\x81\x00", b"\x88\xa8"):
            frame = frame[:12] + frame[16:]
        v4 = frame[12:14] == b"\x08\x00"
        at = 14 + (frame[14] & 15) * 4 if v4 else 54
        source = frame[26:30] if v4 else frame[22:38]
        port = struct.unpack(">H", frame[at + 2:at + 4])[0]
        require(source in (denied, bytes.fromhex("20010db80bad" + "00" * 9 + "66"))
                or port in (23, 53), "dropped", frame.hex())
    for frame in after:
        require(not (frame[12:14] == b"\x08\x00" and frame[26:30] == denied),
                "denied source passed")


def iptunnel(before, after, maps):
    pairs, others = tunnelled(before, after)
    require(not others, "unexpected frame", others[:1])
    sent = traffic(maps, "sent")
    for version in (4, 6):
        count = sum(inner[0] >> 4 == version for _, inner in pairs)
        require(count == sent[version][0] > 0, "sent", version, count)


def loadbalancer(before, after, maps):
    pairs, others = tunnelled(before, after)
    outcomes = traffic(maps, "outcomes")
    require(len(pairs) == outcomes[6][0] + outcomes[7][0], "sent", len(pairs))
    require(len(others) == outcomes[5][0], "echo replies", len(others))
    for frame in others:
        icmp = frame[34:] if frame[12:14] == b"\x08\x00" else frame[54:]
        require(icmp[0] in (0, 129), "not an echo reply", frame.hex())
        if icmp[0] == 0:
            require(checksum_ok(icmp[:64]), "echo checksum", frame.hex())
    # A flow, and the ICMP errors about it, has one server.
    servers, errors = {}, []
    for outer, inner in pairs:
        server = outer[16:20] if len(outer) == 20 else outer[24:40]
        if inner[0] >> 4 == 6:
            source, destination, protocol, rest = (inner[8:24], inner[24:40],
                                                   inner[6], inner[40:])
        else:
            source, destination, protocol, rest = (
                inner[12:16], inner[16:20], inner[9], inner[(inner[0] & 15) * 4:])
        if protocol in (1, 58):
            lost = rest[8:]
            if lost[0] >> 4 == 6:
                flow = lost[24:40], lost[8:24], lost[6], lost[42:44] + lost[40:42]
            else:
                flow = lost[16:20], lost[12:16], lost[9], lost[22:24] + lost[20:22]
            errors.append((flow, server))
            continue
        flow = source, destination, protocol, rest[:4]
        require(servers.setdefault(flow, server) == server, "flow moved", flow)
    known = [(flow, server) for flow, server in errors if flow in servers]
    require(known, "no ICMP error about a known flow")
    for flow, server in known:
        require(servers[flow] == server, "ICMP error to another server", flow)
    require(len(set(servers.values())) >= 5, "servers used", set(servers.values()))


def main():
    name, before, after, maps = sys.argv[1:]
    globals()[name](frames(before), frames(after), json.load(open(maps)))
    print(f"{name}: ok")


main()
