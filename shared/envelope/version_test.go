package envelope

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestBinlogVersionsGrowAlongTheLog(t *testing.T) {
	last := int64(-1)
	for _, at := range []struct {
		file     string
		pos, row int64
	}{
		{"bin.000001", 4, 0}, {"bin.000001", 2117, 0}, {"bin.000001", 6870, 0}, {"bin.000001", 6870, 1}, {"bin.000001", 1 << 34, 0},
		{"bin.000002", 4, 0}, {"bin.999999", 4, 0}, {"bin.1000000", 4, 0}, {"bin.16777215", 1<<39 - 2, 1},
	} {
		v, ok := binlog(at.file, at.pos, at.row)
		if !ok || v.number <= last || !v.ties {
			t.Errorf("%v: %v after %d", at, v, last)
		}
		last = v.number
	}
	for _, file := range []string{"", "bin", "bin.", "bin.x", "bin.-1", "bin.33554432"} {
		if v, ok := binlog(file, 4, 0); ok {
			t.Errorf("%q: %v", file, v)
		}
	}
	for _, at := range [][2]int64{{1 << 39, 0}, {0, 1 << 39}, {math.MaxInt64, 1}, {math.MaxInt64, math.MaxInt64}} {
		if v, ok := binlog("bin.000001", at[0], at[1]); ok {
			t.Errorf("a position past the bits: %v", v)
		}
	}
}

func TestSequenceVersionsKeepTheOrderOfTheirDecimals(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		a, b := decimal(random), decimal(random)
		v, okA := sequence(a)
		w, okB := sequence(b)
		x, _ := new(big.Int).SetString(a, 10)
		y, _ := new(big.Int).SetString(b, 10)
		order := x.Cmp(y)
		if !okA || !okB || order < 0 && v.number > w.number || order > 0 && v.number < w.number {
			t.Fatalf("%s is %v, %s is %v", a, v, b, w)
		}
		if order != 0 && v.number == w.number && !v.ties {
			t.Fatalf("%s and %s tie, and it does not say so", a, b)
		}
	}
	for _, text := range []string{"", "0", "x", "1x", "-5", "+5", "1x0000000000000000000000", "10000-000000000000000000", fmt.Sprintf("1%063d", 0)} {
		if v, ok := sequence(text); ok {
			t.Errorf("%q: %v", text, v)
		}
	}
}

func TestSequenceNumbersOfOneShardStayApart(t *testing.T) {
	last := int64(-1)
	for _, text := range []string{
		"99999999999999999999", "100000000000000000000", "100000000003498069978", "300000000000000499659", "300000000000000499660", "400000000000000499661",
		"13021600000000000026893679", "13021600000000000026893680", "13021600000000001596893679", "13021600000000001596893779",
		"4421584500000000017450439091", "4421584500000000017450439191", "4421584599999999999999999999", "9999999999999999999999999999", "10000000000000000000000000000",
	} {
		v, ok := sequence(text)
		if !ok || v.number <= last {
			t.Errorf("%s: %v after %d", text, v, last)
		}
		last = v.number
	}
}

func decimal(random *rand.Rand) string {
	text := ""
	for range 1 + random.IntN(40) {
		text += string("000123456789"[random.IntN(12)])
	}
	return "1" + text
}
