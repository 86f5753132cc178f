package main

import (
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
)

type collectionInfo struct {
	Name        string      `json:"name"`
	Description string      `json:"description"`
	AppendOnly  bool        `json:"append_only"`
	Time        string      `json:"time,omitempty"` // field of the event's time
	Sort        string      `json:"sort,omitempty"` // default order
	Default     []string    `json:"default"`        // fields that a bare word is looked for in
	Wildcards   bool        `json:"wildcards"`
	MaxSize     int         `json:"max_size"`
	MaxRange    string      `json:"max_range,omitempty"`
	Fields      []fieldInfo `json:"fields"`
}

type fieldInfo struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Doc      string `json:"doc,omitempty"`
	Sortable bool   `json:"sortable"`
}

func (s *server) getCollections(c *gin.Context) error {
	if _, err := only(c); err != nil {
		return err
	}
	out := make([]collectionInfo, len(s.collections))
	for i, v := range s.collections {
		out[i] = v.info()
	}
	writeJSON(c, http.StatusOK, "application/json", gin.H{"collections": out})
	return nil
}

func (v view) info() collectionInfo {
	info := collectionInfo{
		Name: v.Name, Description: v.Description, AppendOnly: v.AppendOnly, Time: v.schema.Time, Sort: v.schema.Sort,
		Default: append([]string{}, v.schema.Default...), Wildcards: v.schema.Wildcards, MaxSize: v.schema.MaxSize,
		MaxRange: v.Search.MaxRange, Fields: []fieldInfo{},
	}
	for _, name := range slices.Sorted(maps.Keys(v.schema.Fields)) {
		f := v.schema.Fields[name]
		info.Fields = append(info.Fields, fieldInfo{name, f.Type, v.Fields[name].Doc, f.Sortable()})
	}
	return info
}
