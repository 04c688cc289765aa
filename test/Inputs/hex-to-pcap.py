"""Packets in hexadecimal, one a line, to a trace of Ethernet frames: hex-to-pcap.py IN OUT"""
import struct
import sys

with open(sys.argv[1], encoding="ascii") as text, open(sys.argv[2], "wb") as out:
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for number, line in enumerate(text.read().split()):
        frame = bytes.fromhex(line)
        out.write(struct.pack("<IIII", number, 0, len(frame), len(frame)) + frame)
