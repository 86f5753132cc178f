package query

// inNested is a clause on a field, where the field lies in a nested one: OpenSearch finds
// nothing in there otherwise.
func inNested(f Field, clause object) object {
	if f.Nested == "" || clause == nil {
		return clause
	}
	return object{"nested": object{"path": f.Nested, "query": clause, "ignore_unmapped": true}}
}

// existence finds the documents that have the field; a nested one by what is in it.
func existence(name string, f Field) object {
	if f.Type == "nested" {
		f.Nested = name
		return inNested(f, object{"match_all": object{}})
	}
	return object{"exists": object{"field": name}}
}
