#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a packet trace (classic pcap, Ethernet) for the examples.

    make-traffic.py OUT.pcap [--packets N] [--seed N] [--kind KIND]

KIND is
  service   clients talk to the service addresses of make-maps.py: TCP, UDP,
            pings, ICMP errors about their flows, over IPv4 and IPv6
  mixed     the same with other traffic between: VLAN tags, fragments, telnet,
            denied sources, other destinations, ARP, cut-off packets (default)

The same arguments give the same bytes on every machine. Addresses are from ranges
set aside for documentation and benchmarks; all checksums are right.
"""

import argparse
import ipaddress
import struct
import sys

TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
SERVICE = {4: "10.200.1.1", 6: "2001:db8:ff::1"}
PORTS = [(TCP, 80), (TCP, 443), (UDP, 443), (UDP, 53), (TCP, 8080)]
ROUTER_MAC = bytes.fromhex("02005e000001")
CARD_MAC = bytes.fromhex("02005e000002")


class Random:
    """xorshift64*: the same numbers everywhere, unlike a library's."""

    def __init__(self, seed):
        self.state = (seed * 0x9E3779B97F4A7C15 + 1) & (2**64 - 1)
        for _ in range(8):
            self.next()

    def next(self):
        x = self.state
        x ^= x >> 12
        x ^= (x << 25) & (2**64 - 1)
        x ^= x >> 27
        self.state = x
        return (x * 0x2545F4914F6CDD1D) >> 32 & 0xFFFFFFFF

    def below(self, limit):
        return self.next() % limit

    def choice(self, items):
        return items[self.below(len(items))]

    def bytes(self, count):
        return bytes(self.next() & 255 for _ in range(count))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(host):
    return ipaddress.ip_address(host).packed


def pseudo(source, destination, protocol, length):
    if len(packed(source)) == 4:
        return packed(source) + packed(destination) + struct.pack(
            ">BBH", 0, protocol, length)
    return packed(source) + packed(destination) + struct.pack(
        ">IHBB", length, 0, 0, protocol)


def with_checksum(data, at, prefix=b""):
    value = checksum(prefix + data)
    return data[:at] + struct.pack(">H", value) + data[at + 2:]


def ip(source, destination, protocol, payload, options=b"", fragment=0,
       ident=0):
    if len(packed(source)) == 4:
        header = struct.pack(
            ">BBHHHBBH", 0x45 + len(options) // 4, 0,
            20 + len(options) + len(payload), ident, fragment, 61, protocol,
            0) + packed(source) + packed(destination) + options
        return with_checksum(header, 10) + payload
    return struct.pack(">IHBB", 6 << 28, len(payload), protocol,
                       61) + packed(source) + packed(destination) + payload


def tcp(source, destination, sport, dport, flags, payload):
    data = struct.pack(">HHIIBBHHH", sport, dport, 1000, 0, 5 << 4, flags,
                       0xFFFF, 0, 0) + payload
    return with_checksum(data, 16, pseudo(source, destination, TCP, len(data)))


def udp(source, destination, sport, dport, payload):
    data = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    return with_checksum(data, 6, pseudo(source, destination, UDP, len(data)))


def icmp(source, destination, kind, code, rest, payload):
    data = struct.pack(">BBHI", kind, code, 0, rest) + payload
    if len(packed(source)) == 4:
        return with_checksum(data, 2)
    return with_checksum(
        data, 2, pseudo(source, destination, ICMPV6, len(data)))


def ethernet(packet, tags=()):
    kind = {4: 0x0800, 6: 0x86DD}[packet[0] >> 4]
    head = CARD_MAC + ROUTER_MAC
    for tag_kind, vlan in tags:
        head += struct.pack(">HH", tag_kind, vlan)
    return (head + struct.pack(">H", kind) + packet).ljust(60, b"\0")


class Generator:
    def __init__(self, seed):
        self.random = Random(seed)
        self.flows = [self.make_flow() for _ in range(128)]

    def make_flow(self):
        r = self.random
        version = 6 if r.below(3) == 0 else 4
        if version == 4:
            client = f"198.18.{r.below(256)}.{1 + r.below(254)}"
        else:
            client = f"2001:db8:c::{r.below(65536):x}:{1 + r.below(65535):x}"
        protocol, port = r.choice(PORTS)
        return version, client, 1024 + r.below(60000), protocol, port

    def transport(self, source, destination, sport, dport, protocol):
        payload = self.random.bytes(self.random.choice([0, 12, 64, 200, 512]))
        if protocol == TCP:
            flags = self.random.choice([0x02, 0x10, 0x18, 0x11])
            return tcp(source, destination, sport, dport, flags, payload)
        return udp(source, destination, sport, dport, payload)

    def flow(self):
        # A few flows have most of the packets.
        index = min(self.random.below(128), self.random.below(128))
        version, client, sport, protocol, port = self.flows[index]
        service = SERVICE[version]
        options = b""
        if version == 4 and self.random.below(16) == 0:
            options = bytes([0x94, 4, 0, 0])  # router alert
        return ethernet(ip(
            client, service, protocol,
            self.transport(client, service, sport, port, protocol), options))

    def ping(self):
        version, client, *_ = self.random.choice(self.flows)
        kind, protocol = {4: (8, ICMP), 6: (128, ICMPV6)}[version]
        message = icmp(client, SERVICE[version], kind, 0,
                       self.random.next(), self.random.bytes(56))
        return ethernet(ip(client, SERVICE[version], protocol, message))

    def icmp_error(self):
        """A router on the way reports about a packet of the service."""
        version, client, sport, protocol, port = self.random.choice(self.flows)
        service = SERVICE[version]
        lost = ip(service, client, protocol,
                  self.transport(service, client, port, sport, protocol))
        router = {4: "203.0.113.9", 6: "2001:db8:9::9"}[version]
        kind, code, rest, number = {
            4: (3, 4, 1400, ICMP),
            6: (2, 0, 1400, ICMPV6),
        }[version]
        limit = {4: 28, 6: 256}[version]
        message = icmp(router, service, kind, code, rest, lost[:limit])
        return ethernet(ip(router, service, number, message))

    def vlan(self):
        frame = self.flow()
        tags = struct.pack(">HH", 0x8100, 1 + self.random.below(4000))
        if self.random.below(3) == 0:
            tags = struct.pack(">HH", 0x88A8, 7) + tags
        return frame[:12] + tags + frame[12:]

    def fragment(self):
        ident = self.random.below(65536)
        offset, more = self.random.choice([(0, 0x2000), (185, 0x2000),
                                           (370, 0)])
        return ethernet(ip("198.18.7.7", SERVICE[4], UDP,
                           self.random.bytes(64), fragment=offset | more,
                           ident=ident))

    def telnet(self):
        version = self.random.choice([4, 6])
        source = {4: "198.18.9.9", 6: "2001:db8:c::9"}[version]
        destination = self.random.choice(
            [SERVICE[version], {4: "203.0.113.80", 6: "2001:db8:d::80"}[version]])
        return ethernet(ip(source, destination, TCP,
                           tcp(source, destination, 40000, 23, 2, b"")))

    def denied(self):
        version = self.random.choice([4, 6])
        source = {4: "198.51.100.66", 6: "2001:db8:bad::66"}[version]
        return ethernet(ip(source, SERVICE[version], TCP,
                           tcp(source, SERVICE[version], 5555, 80, 2, b"")))

    def elsewhere(self):
        source = f"198.19.0.{1 + self.random.below(254)}"
        destination = f"203.0.113.{1 + self.random.below(254)}"
        protocol = self.random.choice([TCP, UDP, 47, 132])
        if protocol in (TCP, UDP):
            data = self.transport(source, destination, 999, 80, protocol)
        else:
            data = self.random.bytes(40)
        return ethernet(ip(source, destination, protocol, data))

    def arp(self):
        return (b"\xff" * 6 + ROUTER_MAC + struct.pack(
            ">HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1) + ROUTER_MAC +
                packed("10.200.1.254") + bytes(6) +
                packed(SERVICE[4])).ljust(60, b"\0")

    def cut_off(self):
        frame = self.random.choice([self.flow, self.icmp_error])()
        return frame[:14 + self.random.below(50)]

    def packet(self, kind):
        menu = [(70, self.flow), (6, self.ping), (6, self.icmp_error)]
        if kind == "mixed":
            menu += [(8, self.vlan), (3, self.fragment), (4, self.telnet),
                     (4, self.denied), (8, self.elsewhere), (2, self.arp),
                     (3, self.cut_off)]
        number = self.random.below(sum(weight for weight, _ in menu))
        for weight, make in menu:
            if number < weight:
                return make()
            number -= weight
        raise AssertionError("weights")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--packets", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=["service", "mixed"],
                        default="mixed")
    arguments = parser.parse_args()
    generator = Generator(arguments.seed)
    with open(arguments.out, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for index in range(arguments.packets):
            frame = generator.packet(arguments.kind)
            seconds, micros = divmod(index * 10, 1000000)
            out.write(struct.pack("<IIII", seconds, micros, len(frame),
                                  len(frame)) + frame)
    return 0


if __name__ == "__main__":
    sys.exit(main())
