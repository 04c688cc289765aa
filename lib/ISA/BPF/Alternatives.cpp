//===- Alternatives.cpp - What programs can do instead --------------------===//
//
// Part of nfp-bpf, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "nfpbpf/ISA/BPF/Alternatives.h"
#include "nfpbpf/ISA/BPF/Helpers.h"

#include "llvm/ADT/StringSwitch.h"

using namespace nfpbpf;

llvm::StringRef ebpf::helperAlternative(uint32_t Id) {
  // By name, as enum bpf_func_id has them.
  return llvm::StringSwitch<llvm::StringRef>(helperName(Id))
      .Case("tail_call", "a card runs one program: make the others functions "
                         "of it and choose with a switch")
      .Cases({"redirect", "redirect_map", "redirect_peer", "redirect_neigh",
              "clone_redirect", "sk_redirect_map", "sk_redirect_hash",
              "msg_redirect_map", "msg_redirect_hash"},
             "a card passes a packet on, drops it, or sends it out of the port "
             "that it came from (XDP_TX)")
      .Case("fib_lookup", "the routing table is the kernel's: keep the routes "
                          "in a map")
      .Cases({"ktime_get_ns", "ktime_get_boot_ns", "ktime_get_coarse_ns",
              "ktime_get_tai_ns", "jiffies64"},
             "the firmware gives programs no clock: have the host write the "
             "time into a map")
      .Cases({"trace_printk", "trace_vprintk", "ringbuf_output",
              "ringbuf_reserve", "ringbuf_submit", "ringbuf_discard",
              "ringbuf_reserve_dynptr", "ringbuf_submit_dynptr",
              "ringbuf_discard_dynptr", "ringbuf_query", "skb_output",
              "xdp_output"},
             "perf_event_output sends data to the host")
      .Cases({"skb_load_bytes", "skb_load_bytes_relative", "skb_store_bytes",
              "xdp_load_bytes", "xdp_store_bytes", "skb_pull_data"},
             "access the packet from 'data' on, up to 'data_end'")
      .Case("xdp_get_buff_len", "data_end - data is the length")
      .Cases({"csum_diff", "csum_update", "l3_csum_replace", "l4_csum_replace"},
             "add up the checksum in the program and store it into the packet")
      .Cases({"skb_vlan_push", "skb_vlan_pop", "skb_adjust_room",
              "skb_change_head", "skb_change_tail", "skb_change_proto"},
             "an XDP program can move the start and the end of the packet "
             "(xdp_adjust_head, xdp_adjust_tail)")
      .Case("xdp_adjust_meta", "there is no metadata in front of a packet: "
                               "write into the packet itself")
      .Cases({"skb_set_tunnel_key", "skb_get_tunnel_key", "skb_set_tunnel_opt",
              "skb_get_tunnel_opt"},
             "the card knows no tunnels: an XDP program can make the outer "
             "header with xdp_adjust_head")
      .Cases({"get_smp_processor_id", "get_numa_node_id"},
             "packets are spread over engines without numbers, which share all "
             "maps")
      .Cases({"spin_lock", "spin_unlock"},
             "atomic operations on single words of a map's value are possible")
      .Cases({"for_each_map_elem", "find_vma", "user_ringbuf_drain"},
             "make a loop over the keys that are known")
      .Cases({"map_push_elem", "map_pop_elem", "map_peek_elem"},
             "an array with a counter as index is possible")
      .Case("map_lookup_percpu_elem", "the card's maps are shared by all "
                                      "engines: use map_lookup_elem")
      .Cases({"sk_lookup_tcp", "sk_lookup_udp", "skc_lookup_tcp", "sk_release",
              "sk_fullsock", "tcp_sock", "sk_assign", "get_listener_sock",
              "get_socket_cookie", "get_socket_uid", "sk_storage_get"},
             "sockets are the kernel's: keep what is to be known of flows in a "
             "map")
      .Default("");
}

llvm::StringRef ebpf::mapTypeAlternative(uint32_t Type) {
  // Numbers of enum bpf_map_type.
  switch (Type) {
  case 3: // PROG_ARRAY
    return "make the programs functions of one and choose with a switch";
  case 5: // PERCPU_HASH
  case 6: // PERCPU_ARRAY
    return "a plain hash or array with atomic additions counts the same: the "
           "card's engines share all maps";
  case 9:  // LRU_HASH
  case 10: // LRU_PERCPU_HASH
    return "a plain hash of enough entries takes its place; the host can "
           "remove old ones";
  case 11: // LPM_TRIE
    return "a hash with the masked address and the prefix length as key takes "
           "its place, with a lookup for each length";
  case 12: // ARRAY_OF_MAPS
  case 13: // HASH_OF_MAPS
    return "one map with the outer key in front of the inner one takes their "
           "place";
  case 14: // DEVMAP
  case 16: // CPUMAP
  case 17: // XSKMAP
  case 25: // DEVMAP_HASH
    return "a card sends packets out of the port that they came from, or to "
           "the host, where rx_queue_index chooses the queue";
  case 22: // QUEUE
  case 23: // STACK
    return "an array with a counter as index takes its place";
  case 27: // RINGBUF
    return "a perf event array takes its place";
  default:
    return "";
  }
}
