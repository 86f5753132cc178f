package batch

// PerGroup reports the failed records and all that come after one in its group: a
// queue that keeps order within groups.
func PerGroup(records []Record) []string {
	failed := make([]string, 0)
	broken := make(map[string]bool)
	for _, r := range records {
		if r.Failed || broken[r.Group] {
			broken[r.Group] = true
			failed = append(failed, r.ID)
		}
	}
	return once(failed)
}

// First are the first failed records of each group, in the batch's order: a log of
// partitions, each of which goes on from there. Within a group the records are in order.
func First(records []Record) []Record {
	var first []Record
	broken := make(map[string]bool)
	for _, r := range records {
		if r.Failed && !broken[r.Group] {
			broken[r.Group] = true
			first = append(first, r)
		}
	}
	return first
}

// Waves cuts a batch so that each wave holds the next record of every group: what is
// in a wave may be written at once, and a group that failed in one is left out of the
// following. The groups are given record by record, the waves hold their positions.
func Waves(groups []string) [][]int {
	var waves [][]int
	depth := make(map[string]int)
	for i, group := range groups {
		d := depth[group]
		depth[group] = d + 1
		if d == len(waves) {
			waves = append(waves, nil)
		}
		waves[d] = append(waves[d], i)
	}
	return waves
}
