package collection

func (f *file) build(c *Collection) {}
