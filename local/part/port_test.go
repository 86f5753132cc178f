package part

import (
	"net"
	"testing"
)

func TestPortIsTheWantedOneUnlessItIsTaken(t *testing.T) {
	wanted, err := Port(0)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Port(wanted); err != nil || got != wanted {
		t.Fatalf("%d, %v; want the free port %d", got, err, wanted)
	}
	taken, err := net.Listen("tcp", address(wanted))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if got, err := Port(wanted); err != nil || got == wanted || got == 0 {
		t.Fatalf("%d, %v; want another than the taken port %d", got, err, wanted)
	}
}

func TestAClusterNodesPortHasAFreeOneForItsBus(t *testing.T) {
	wanted, err := busPort(0)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", address(wanted+10_000))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if got, err := busPort(wanted); err != nil || got == wanted || !free(got) || !free(got+10_000) {
		t.Fatalf("%d, %v; want another than %d, whose bus is taken", got, err, wanted)
	}
}
