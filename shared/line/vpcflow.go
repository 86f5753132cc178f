package line

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"
)

// VPCFlow takes a VPC flow log record of the default format, and the heading of its
// files. Its time is the end of the interval, when the record was made.
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
func VPCFlow(dst, line []byte) ([]byte, bool) {
	f := bytes.Fields(line)
	if len(f) != 14 || !utf8.Valid(line) {
		return dst, false
	}
	if string(f[0]) == "version" && string(f[1]) == "account-id" {
		return dst, true
	}
	end, err := strconv.ParseInt(string(f[11]), 10, 64)
	if err != nil || string(f[0]) != "2" || !digits(f[10]) || !outcome(f[13]) {
		return dst, false
	}
	e := begin(dst, time.Unix(end, 0))
	e.text("cloud.account.id", f[1])
	e.text("source.address", f[3])
	e.whole("source.port", f[5])
	e.text("destination.address", f[4])
	e.whole("destination.port", f[6])
	e.text("network.transport", transport(f[7]))
	e.whole("network.packets", f[8])
	e.whole("network.bytes", f[9])
	e.attribute("interface_id", f[2])
	e.attribute("protocol", f[7])
	e.attribute("start", f[10])
	e.attribute("end", f[11])
	e.attribute("action", f[12])
	e.attribute("log_status", f[13])
	return e.end(line), true
}

func outcome(status []byte) bool {
	switch string(status) {
	case "OK", "NODATA", "SKIPDATA":
		return true
	}
	return false
}

// transport is a protocol's name by its IANA number.
func transport(number []byte) []byte {
	switch string(number) {
	case "1":
		return []byte("icmp")
	case "6":
		return []byte("tcp")
	case "17":
		return []byte("udp")
	case "58":
		return []byte("icmpv6")
	}
	return nil
}
