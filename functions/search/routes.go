package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

type route struct {
	method, path string
	handle       func(*gin.Context) error
}

// routes is all there is; openapi.json says the same to the world.
func (s *server) routes() []route {
	return []route{
		{http.MethodGet, "/v1/:collection/search", s.getSearch},
		{http.MethodPost, "/v1/:collection/search", s.postSearch},
		{http.MethodGet, "/v1/:collection/histogram", s.getHistogram},
		{http.MethodGet, "/v1/:collection/values", s.getValues},
		{http.MethodGet, "/v1/:collection/stats", s.getStats},
		{http.MethodGet, "/v1/:collection/context", s.getContext},
		{http.MethodGet, "/v1/:collection/tail", s.getTail},
		{http.MethodGet, "/v1/:collection/export", s.getExport},
		{http.MethodPost, "/v1/:collection/exports", s.postExport},
		{http.MethodGet, "/v1/:collection/exports/:id", s.getExportJob},
		{http.MethodPost, "/v1/:collection/exports/:id", s.resumeExport},
		{http.MethodGet, "/v1/:collection/suggest", s.getSuggest},
		{http.MethodGet, "/v1/:collection/documents/*id", s.getDocument},
		{http.MethodPost, "/v1/:collection/documents", s.postDocuments},
		{http.MethodGet, "/v1/collections", s.getCollections},
		{http.MethodGet, "/healthz", s.getHealth},
		{http.MethodGet, "/openapi.json", s.getOpenAPI},
		{http.MethodGet, "/", s.getPage},
		{http.MethodGet, "/page.css", s.getStyle},
		{http.MethodGet, "/page.js", s.getScript},
	}
}
