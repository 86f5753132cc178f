package query

// What OpenSearch knows and a posted body may not say: why, and what to use instead. A
// name that is in none of these lists and is no key is simply unknown.

const (
	noScript  = "scripts run code in the cluster; store the value as a field when the document is indexed"
	noRegexp  = "a regular expression can cost the cluster minutes: use prefix or wildcard, where the collection allows them"
	noFuzzy   = "fuzzy matching can cost the cluster much: leave it out, or look for the words themselves"
	noNames   = "the answer does not tell which query matched: ask in several searches"
	noGeo     = "queries by place are not in the subset"
	noVectors = "vector and neural search are not in the subset"
	noSpans   = "queries of positions are not in the subset: use match_phrase with slop"
	noJoin    = "joins are not in the subset: store what belongs together in one document, or nested"
	noPipes   = "aggregations over aggregations are not in the subset: compute it from the buckets of the answer"
	noBuckets = "is not in the subset: use terms, with a size, or cardinality"
)

var refusedKeys = map[string]string{
	"script_fields": noScript, "runtime_mappings": noScript, "derived": noScript,
	"search_after": "sort values are not told; take next of the answer before as cursor",
	"pit":          "pages by cursor skip and repeat nothing: take next of the answer before as cursor",
	"scroll_id":    "take next of the answer before as cursor", "scroll": "take next of the answer before as cursor", "slice": "for all documents of a search use the export",
	"suggest": "use GET /v1/{collection}/suggest", "collapse": "use a terms aggregation with top_hits inside",
	"rescore": "sort by fields, or by _score", "indices_boost": "indices are the collection's business; sort by a field",
	"min_score": "scores are not told; narrow the query", "explain": "scores are not told; explain=cost in the query string tells what a search would cost",
	"profile": "timings are the operators' business; explain=cost in the query string tells what a search would cost",
	"timeout": "the function sets it (SEARCH_TIMEOUT), and the answer's completeness tells what it cut", "terminate_after": "it would give part of the documents as if it were all: use size",
	"version": "versions are not told", "seq_no_primary_term": "versions are not told", "stats": "it is for operators",
	"stored_fields": "use _source or fields", "docvalue_fields": "use _source or fields", "track_scores": "scores are not told; sort by _score",
	"ext": "extensions are not in the subset", "search_pipeline": "pipelines are the operators' business",
	"verbose_pipeline": "pipelines are the operators' business", "knn": noVectors, "rank": noVectors,
	"index": "the collection's name in the path says what is searched", "offset": "in a body it is called from", "filter": "put it into query.bool.filter, or filter=field:value into the query string",
	"to": "put it into time.to, or to= into the query string", "since": "put it into time.since, or since= into the query string",
}

var refusedQueries = map[string]string{
	"query_string":        "it can name any field and cost anything: put the text into q, whose fields are checked",
	"simple_query_string": "it can name any field: put the text into q, whose fields are checked",
	"regexp":              noRegexp, "fuzzy": noFuzzy, "common": "use match", "combined_fields": "use multi_match with type cross_fields",
	"script": noScript, "script_score": noScript, "function_score": "use sort, by fields or _score", "template": noScript,
	"boosting": "use bool, with boost on what matters more", "terms_set": "use terms, or bool with minimum_should_match",
	"more_like_this": "it reads whole documents to find others: use match with their words", "percolate": "stored queries are not in the subset",
	"wrapper": "what it wraps cannot be checked: write the query itself", "pinned": "use sort", "type": "use the collection's name in the path",
	"rank_feature": "use sort", "distance_feature": "use sort by the date", "has_child": noJoin, "has_parent": noJoin, "parent_id": noJoin, "hybrid": noVectors,
	"span_term": noSpans, "span_near": noSpans, "span_or": noSpans, "span_not": noSpans, "span_first": noSpans, "span_multi": noSpans,
	"span_containing": noSpans, "span_within": noSpans, "field_masking_span": noSpans, "intervals": noSpans,
	"geo_distance": noGeo, "geo_bounding_box": noGeo, "geo_polygon": noGeo, "geo_shape": noGeo, "geo_hash_grid": noGeo, "xy_shape": noGeo,
	"knn": noVectors, "neural": noVectors, "neural_sparse": noVectors, "agentic": noVectors,
	"and": "write bool with must", "or": "write bool with should", "not": "write bool with must_not", "filtered": "write bool with filter",
	"must": "write it inside bool", "should": "write it inside bool", "must_not": "write it inside bool", "filter": "write it inside bool",
}

var refusedAggregations = map[string]string{
	"global":            "it leaves the query behind, and with it whose documents may be counted",
	"scripted_metric":   noScript,
	"significant_terms": "it counts documents that the query does not find: use terms", "significant_text": "it counts documents that the query does not find: use terms",
	"rare_terms": noBuckets, "multi_terms": "use terms with terms inside", "composite": "pages of buckets are not in the subset: use terms, with a filter for each part",
	"auto_date_histogram": "use date_histogram with an interval", "variable_width_histogram": "use histogram", "adjacency_matrix": "use filters",
	"sampler": "it gives part of the documents as if it were all", "diversified_sampler": "it gives part of the documents as if it were all",
	"percentile_ranks": "use range", "median_absolute_deviation": "use percentiles", "weighted_avg": "use sum, and divide", "boxplot": "use percentiles", "t_test": noBuckets,
	"matrix_stats": "use extended_stats", "top_metrics": "use top_hits", "string_stats": noBuckets, "rate": "use date_histogram", "ip_range": "use filters with terms such as 10.0.0.0/8",
	"children": noJoin, "parent": noJoin, "geo_bounds": noGeo, "geo_centroid": noGeo, "geo_distance": noGeo, "geohash_grid": noGeo, "geotile_grid": noGeo, "geohex_grid": noGeo,
	"avg_bucket": noPipes, "sum_bucket": noPipes, "min_bucket": noPipes, "max_bucket": noPipes, "stats_bucket": noPipes, "extended_stats_bucket": noPipes,
	"percentiles_bucket": noPipes, "derivative": noPipes, "cumulative_sum": noPipes, "moving_avg": noPipes, "moving_fn": noPipes, "serial_diff": noPipes,
	"bucket_sort": noPipes, "bucket_script": noScript, "bucket_selector": noScript, "meta": "the answer is told apart by the aggregation's name",
}

// refusedEverywhere are members of queries and aggregations.
var refusedEverywhere = map[string]string{
	"script": noScript, "lang": noScript, "_name": noNames, "value_type": "the field's type is known", "inner_hits": "documents come whole, with what is nested in them",
	"fuzziness": noFuzzy, "fuzzy_transpositions": noFuzzy, "fuzzy_rewrite": noFuzzy, "prefix_length": noFuzzy, "flags": noRegexp,
	"analyzer": "the field's own analyzer is used", "lenient": "a value that a field cannot hold is told, not passed over", "quote_field_suffix": "name the field",
	"auto_generate_synonyms_phrase_query": "the field's own analyzer decides", "cutoff_frequency": "it is gone from OpenSearch", "hdr": "use tdigest, or leave it out",
	"rewrite": "it is chosen here", "max_determinized_states": noRegexp, "docvalue_fields": "use _source", "stored_fields": "use _source", "script_fields": noScript,
	"highlight": "highlight the documents of the search itself", "explain": "scores are not told", "version": "versions are not told", "seq_no_primary_term": "versions are not told",
	"track_scores": "scores are not told", "rewrite_method": "it is chosen here", "execution_hint": "it is chosen here", "type": "the field's own type decides", "adjust_pure_negative": "bool with must_not alone finds everything else, as ever",
	"order": "this aggregation has no order of its own", "max_docs_per_value": noBuckets, "validation_method": noGeo, "query_string": "put the text into q", "fields": "use _source",
	"disable_coord": "it is gone from OpenSearch", "doc_as_upsert": "searches change nothing", "index": "other indices cannot be read",
}

var refusedInRange = map[string]string{
	"from": "write gte, or gt", "to": "write lte, or lt", "include_lower": "write gte or gt", "include_upper": "write lte or lt",
	"relation": "it is for fields that hold ranges, of which there are none", "_name": noNames, "script": noScript,
}

var refusedInSort = map[string]string{
	"format": "sort values are not told", "numeric_type": "the field's own type decides", "ignore_unmapped": "the schema knows the type; leave it out",
	"nested_path": `write "nested":{"path":"..."}`, "nested_filter": `write "nested":{"path":"...","filter":{...}}`, "script": noScript, "distance_type": noGeo, "unit": noGeo,
}

var refusedSorts = map[string]string{
	"_script": noScript, "_geo_distance": noGeo, "_doc": "leave sort out: the collection has an order", "_shard_doc": "leave sort out: the collection has an order",
	"_id": "its values would all be loaded into memory; equal documents have an order all the same",
}

var refusedInHighlight = map[string]string{
	"matched_fields": "name each field", "force_source": "it is chosen here", "phrase_limit": "it is for a highlighter that is not in the subset",
	"options": "it is for a highlighter of your own", "boundary_chars": "use boundary_scanner", "boundary_scanner_locale": "it is the cluster's",
	"fragment_offset": "it is for a highlighter that is not in the subset", "max_analyzer_offset": "it is set here, so that long texts fail no search",
}
