package main

// bound is a collection of the name as far as the tenants of a job may see it.
func (s *server) bound(name string, tenants []string) (view, bool) {
	for _, v := range s.collections {
		if v.Name == name {
			v.schema.Tenants = tenants
			return v, true
		}
	}
	return view{}, false
}
