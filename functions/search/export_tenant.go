package main

// audience is whose documents alone a view shows; nil: everybody's.
func audience(v view) []string { return v.schema.Tenants }

// bound is the collection of the name, as far as a job's tenants may see it.
func (s *server) bound(name string, tenants []string) (view, bool) {
	for _, v := range s.collections {
		if v.Name == name {
			v.schema.Tenants = tenants
			return v, true
		}
	}
	return view{}, false
}
