"""UDP, TCP, ICMP and IPv6 frames of every length from 14 to 90 bytes: short-frames.py OUT"""
import struct
import sys


def frame(ether_type, protocol_at, protocol, length):
    data = bytearray((7 * n) & 0xFF for n in range(length))
    data[12:14] = struct.pack("!H", ether_type)
    if protocol_at < length:
        data[protocol_at] = protocol
    return bytes(data)


with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for length in range(14, 91):
        for what in ((0x0800, 23, 17), (0x0800, 23, 6), (0x0800, 23, 1), (0x86DD, 20, 17)):
            data = frame(*what, length)
            out.write(struct.pack("<IIII", length, 0, length, length) + data)
