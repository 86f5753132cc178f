package main

import (
	"fmt"
	"slices"
	"strings"
)

// sample is what repetitions measured.
type sample []float64

func (s sample) sorted() sample { return slices.Sorted(slices.Values(s)) }

func (s sample) median() float64 { return s.sorted()[len(s)/2] }

// spread is min / median / max.
func (s sample) spread(format string) string {
	all := s.sorted()
	return fmt.Sprintf(format+" / **"+format+"** / "+format, all[0], all.median(), all[len(all)-1])
}

func row(cells ...string) { fmt.Println("| " + strings.Join(cells, " | ") + " |") }

func head(title string, cells ...string) {
	fmt.Printf("\n%s\n\n", title)
	row(cells...)
	row(slices.Repeat([]string{"---"}, len(cells))...)
}
