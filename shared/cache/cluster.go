package cache

import (
	"net"
	"strings"
)

// node is where the key lies: where the cluster said, else the address that we were given.
func (r *Redis) node(key string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if node, ok := r.slots[slot(key)]; ok {
		return node
	}
	return r.address
}

// moved learns from "MOVED 3999 10.0.0.1:6381" where the key lies; false: it is another error.
// While a slot moves ("ASK") nothing is learnt and the answer is a miss.
func (r *Redis) moved(key, answer string) bool {
	words := strings.Fields(answer)
	if len(words) != 3 || words[0] != "MOVED" {
		return false
	}
	host, port, err := net.SplitHostPort(words[2])
	if err != nil {
		return false
	}
	if host == "" { // the node that said so
		host = r.host
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots[slot(key)] = net.JoinHostPort(host, port)
	return true
}

// forget drops a node that does not answer: its slots may have moved, its idle connections died.
func (r *Redis) forget(node string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.nodes[node]; ok {
		delete(r.nodes, node)
		_ = p.Close()
	}
	for s, n := range r.slots {
		if n == node {
			delete(r.slots, s)
		}
	}
}

// slot is a key's in a cluster: CRC16 (XMODEM) of it. Ours have no {tags}.
func slot(key string) uint16 {
	var crc uint16
	for i := range len(key) {
		crc ^= uint16(key[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc % 16384
}
