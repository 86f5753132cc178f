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
		{http.MethodGet, "/v1/:collection/documents/*id", s.getDocument},
		{http.MethodPost, "/v1/:collection/documents", s.postDocuments},
		{http.MethodGet, "/v1/collections", s.getCollections},
		{http.MethodGet, "/healthz", s.getHealth},
		{http.MethodGet, "/openapi.json", s.getOpenAPI},
		{http.MethodGet, "/", s.getPage},
		{http.MethodGet, "/page.css", s.getStyle},
	}
}
