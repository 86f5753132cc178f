package collection

// compare finds what no file shows alone: a source that two collections claim, and a
// name that is already the name of another's index. Both files are told, because
// neither is known to be the right one.
func compare(all []loaded) (wrong Mistakes) {
	for _, a := range all {
		for _, b := range all {
			if a.file != b.file {
				wrong = append(wrong, a.clash(b)...)
			}
		}
	}
	for _, one := range all {
		for _, m := range wrong {
			if m.File == one.name {
				one.mistakes = append(one.mistakes, m)
			}
		}
	}
	return wrong
}

func (a loaded) clash(b loaded) (wrong Mistakes) {
	for i, ours := range a.Sources {
		for j, theirs := range b.Sources {
			if c := ours.claim(); c.meets(theirs.claim()) {
				wrong = append(wrong, a.mistake(index("sources", i), "%s %s is claimed by %s:%d too: a source feeds one collection",
					c.kind, c.what, b.file.name, b.line(index("sources", j))))
			}
		}
	}
	if b.Policy != nil {
		if _, taken := b.Policy.Owned(a.Collection.Name); taken {
			wrong = append(wrong, a.mistake("name", "%s is an index of %s, %s:%d: choose another name",
				a.Collection.Name, b.Collection.Name, b.file.name, b.line("name")))
		}
	}
	return wrong
}
