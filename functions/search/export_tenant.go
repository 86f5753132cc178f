package main

// audience is whose documents alone a view shows; nil: everybody's.
func audience(view) []string { return nil }

// bound is the collection of the name, bound to a job's tenants.
func (s *server) bound(name string, _ []string) (view, bool) {
	for _, v := range s.collections {
		if v.Name == name {
			return v, true
		}
	}
	return view{}, false
}
